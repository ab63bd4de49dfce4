#!/usr/bin/env python3
"""generate_recipes.py [--check]: the recipes of docs/exporters.md, from plugin/web/src/pages/exporter_recipes.json.

The Flows window shows the same recipes with the collector's own address. With --check nothing is written: exit 1 when the
page is not what the recipes say.
"""
import json
import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs/exporters.md"
START, END = "<!-- recipes: made by docs/generate_recipes.py -->\n", "<!-- end of recipes -->\n"
TARGET = {"address": "192.0.2.10", "port": "2055", "sflow": "6343", "both": "192.0.2.10:2055", "both_sflow": "192.0.2.10:6343"}


def recipe(name, note, lines):
    text = "\n".join(re.sub(r"\{(\w+)\}", lambda found: TARGET[found.group(1)], line) for line in lines)
    return f"### {name}\n\n{note}\n\n```\n{text}\n```\n\n"


def page_with(recipes, text):
    before, rest = text.split(START)
    after = rest.split(END)[1]
    return before + START + "\n" + "".join(recipe(**one) for one in recipes) + END + after


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    recipes = json.loads((PROJECT / "plugin/web/src/pages/exporter_recipes.json").read_text())
    text = PAGE.read_text()
    made = page_with(recipes, text)
    if sys.argv[1:] and made != text:
        print("docs/exporters.md is not what plugin/web/src/pages/exporter_recipes.json says: run docs/generate_recipes.py")
        return 1
    if not sys.argv[1:]:
        PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
