"""weir.toml(5), from schemas/config.schema.json."""
from mdoc import Page, argument


def settings_page(schema, toml_value, allowed, date):
    page = Page("weir.toml", 5, "settings of the flow collector weir", date)
    page.section("description")
    page.paragraphs(
        "The file is written in TOML: sections in brackets, and in each section settings as name = value. Every setting has a default. "
        "A wrong name or value is an error that names the line and what is allowed. Sizes are bytes. A relative path is taken from the "
        "folder of the file.",
        "Flags of weir run win over the file. The collector reads it when it starts.",
        "What shows a setting at work is named with it: weir_... are counters and gauges of /metrics, others are members of an answer of the API.")
    for section, group in schema["properties"].items():
        page.subsection(f"[{section}]")
        page.text(group["description"])
        page.tags([(f"Ic {name} Li = {argument(toml_value(setting['default']))}", setting["description"],
                    f"Allowed: {allowed(setting)}. Shown by: {setting['x-shows']}.") for name, setting in group["properties"].items()])
    page.section("bounds without a setting")
    page.text("These are the same everywhere. What goes past one is refused with a message that names it.")
    page.tags([(f"Li {argument(format(bound['most'], '_'))}", f"{bound['what']}. Shown by: {bound['x-shows']}.") for bound in schema["x-bounds"]])
    page.section("files")
    page.tags([("Pa /etc/weir/weir.toml", "The settings of the service."),
               ("Pa /usr/share/weir/weir.toml", "All settings with their defaults, to start from.")])
    page.see_also(("weir", 1), ("weir-filter", 7), ("weir-rules", 7))
    return page.written()
