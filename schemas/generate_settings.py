#!/usr/bin/env python3
"""generate_settings.py [--check]: install/weir.toml and sidecar/SETTINGS.md from config.schema.json.

With --check nothing is written: exit 1 when one of the two is not what the schema says.
"""
import json
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
WIDTH = 118


def toml_value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}" if value >= 100_000 else str(value)
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(value)


def allowed(setting):
    """What a value may be, in words."""
    if "enum" in setting:
        return ", ".join(setting["enum"])
    if setting["type"] == "integer":
        return f"{setting['minimum']:_} to {setting['maximum']:_}"
    if setting["type"] == "boolean":
        return "true or false"
    if setting["type"] == "array":
        fewest, most = setting.get("minItems", 0), setting["maxItems"]
        return f"{fewest} to {most} texts"
    return "text"


def wrapped(text):
    line = "#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = "#"
        line += " " + word
    yield line


def toml_text(schema):
    lines = ["# weir.toml: the settings of the collector. Each line that is commented out shows the default: take the # away to change it.",
             "# Sizes are bytes. A relative path is taken from the folder of this file. Flags of `weir run` win over it.",
             "# Made from schemas/config.schema.json by schemas/generate_settings.py."]
    for section, group in schema["properties"].items():
        lines += ["", *wrapped(group["description"]), f"[{section}]"]
        for name, setting in group["properties"].items():
            lines += ["", *wrapped(f"{setting['description']} Allowed: {allowed(setting)}. Shown by: {setting['x-shows']}."),
                      f"#{name} = {toml_value(setting['default'])}"]
    return "\n".join(lines) + "\n"


def reference_text(schema):
    lines = ["# Settings and limits", "",
             "Made from [config.schema.json](../schemas/config.schema.json) by `schemas/generate_settings.py`; a test fails when they differ.",
             "[install/weir.toml](../install/weir.toml) is the same as a file to start from.", "",
             "Every limit is a promise: it has a number here, and something that shows it at work. `weir_…` are counters and gauges of `/metrics`;",
             "the others are members of an answer of the API. Sizes are bytes. A relative path is taken from the folder of `weir.toml`.",
             "`about.get` lists every setting that is not at its default."]
    for section, group in schema["properties"].items():
        lines += ["", f"## [{section}]", "", group["description"], "",
                  "| setting | default | allowed | what it does | shown by |", "| --- | --- | --- | --- | --- |"]
        for name, setting in group["properties"].items():
            lines.append(f"| `{name}` | `{toml_value(setting['default'])}` | {allowed(setting)} | {setting['description']} | `{setting['x-shows']}` |")
    lines += ["", "## Bounds without a setting", "", "These are the same everywhere. What goes past one is refused with a message that names it.", "",
              "| bound | most | shown by |", "| --- | --- | --- |"]
    lines += [f"| {bound['what']} | {bound['most']:_} | `{bound['x-shows']}` |" for bound in schema["x-bounds"]]
    return "\n".join(lines) + "\n"


OUTPUTS = {"install/weir.toml": toml_text, "sidecar/SETTINGS.md": reference_text}


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    schema = json.loads((PROJECT / "schemas/config.schema.json").read_text())
    stale = 0
    for name, maker in OUTPUTS.items():
        text = maker(schema)
        path = PROJECT / name
        if sys.argv[1:]:
            if not path.exists() or path.read_text() != text:
                print(f"{name} is not what schemas/config.schema.json says: run schemas/generate_settings.py")
                stale += 1
        else:
            path.write_text(text)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
