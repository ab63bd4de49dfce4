"""weir(1), from what `weir command-line` lists, and the examples of the README."""
import re

from mdoc import Page, argument, literal


def leaves(command, path=()):
    """[(words of the command, the command)] of all that can be run."""
    if not command["commands"]:
        yield path, command
    for child in command["commands"]:
        yield from leaves(child, (*path, child["name"]))


def shown_options(command):
    return [option for option in command["options"] if "--help" not in option["names"] and "--version" not in option["names"]]


def is_common(option, commands):
    return all(option in command["options"] for command in commands)


def option_tag(option):
    value = "|".join(option["choices"]) or option["argument"]
    if not option["names"]:
        return f"Ar {argument(value)}" + (" ..." if option["many"] else "")
    flags = " , ".join("Fl " + literal(name[1:]) for name in option["names"])
    return flags + (f" Ar {argument(value)}" if value else "")


def option_entry(option):
    # What the command line adds itself as "(default …)" stands there already in words.
    default = "" if "default" in option["description"] or not option["default"] else f"Default: {option['default']}."
    return option_tag(option), option["description"].rstrip(".") + ".", default


def examples(readme):
    """[(command, what it asks)] of the README's section about the command line."""
    block = re.search(r"^## On the command line\n+```sh\n(.*?)^```", readme, re.M | re.S)
    if not block:
        raise SystemExit("README.md: there is no block of commands under '## On the command line'")
    for line in block.group(1).splitlines():
        command, _, remark = line.partition("  #")
        yield command.strip().replace("build/weir", "weir"), remark.strip()


def command_page(line, readme, date):
    commands = list(leaves(line))
    common = [option for option in shown_options(commands[0][1]) if is_common(option, [command for _, command in commands])]
    page = Page("weir", 1, "flow collector beside a network monitor", date)
    page.section("synopsis")
    for path, command in commands:
        page.add(".Nm", *[f".Cm {word}" for word in path], ".Op Ar option ...")
        page.add(*[f".{option_tag(option)}" for option in shown_options(command) if not option["names"]])
    page.section("description")
    page.text(line["description"])
    page.add(".Pp")
    page.text("These options go with every command:")
    page.tags([option_entry(option) for option in common] + [("Fl h , Fl \\-help", "Lists the options of the command.")])
    page.add(".Pp")
    page.text("The commands are:")
    for path, command in commands:
        page.subsection(" ".join(("weir", *path)))
        page.text(command["description"].rstrip(".") + ".")
        own = [option for option in shown_options(command) if option not in common]
        if own:
            page.tags([option_entry(option) for option in own])
    page.section("files")
    page.tags([("Pa /etc/weir/weir.toml", "The settings, without a weir.toml in the current folder and without --config."),
               ("Pa /var/lib/weir", "The sessions, the secret that signs tokens, and the socket of the console, of the service."),
               ("Pa /usr/share/weir", "Scripts and rules in Lua, and the Flows window.")])
    page.section("exit status")
    page.text(line["footer"])
    page.section("examples")
    shown = [line for command, remark in examples(readme) for line in ((f"# {remark}", command, "") if remark else (command, ""))]
    page.display(shown[:-1])
    page.see_also(("weir.toml", 5), ("weir-filter", 7), ("weir-rules", 7))
    return page.written()
