#!/usr/bin/env python3
"""installer_page.py OUT: weir-zabbix(8) into the file OUT, from what install/zabbix says with --help."""
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from day import day_of_sources  # noqa: E402
from mdoc import Page, argument, literal  # noqa: E402

PROJECT = Path(__file__).resolve().parents[2]


def help_text(script):
    text = re.search(r"cat <<-'HELP'\n(.*?)\n\tHELP$", script, re.M | re.S)
    if not text:
        raise SystemExit("install/zabbix: there is no help between HELP and HELP")
    return re.sub(r"^\t\t", "", text.group(1), flags=re.M).replace("install/zabbix", "weir-zabbix")


def option_tag(words):
    flag, _, value = words.partition(" ")
    return "Fl " + literal(flag[1:]) + (f" Ar {argument(value)}" if value else "")


def installer_page(script, date):
    page = Page("weir-zabbix", 8, "put flows into a Zabbix frontend", date)
    page.section("synopsis")
    page.add(".Nm", ".Op Ar option ...")
    page.section("description")
    opening, options, closing = help_text(script).split("\n\n")
    page.text(opening.partition("\n")[2])
    page.add(".Pp")
    entries = []
    for line in options.splitlines():
        option = re.match(r"  (--\S+(?: \S+)?)  +(.*)", line)
        if option:
            entries.append([option_tag(option.group(1)), option.group(2)])
        else:
            entries[-1][1] += " " + line.strip()
    page.tags([(tag, text[0].upper() + text[1:].rstrip(".") + ".") for tag, text in entries])
    page.add(".Pp")
    remarks, _, codes = closing.partition("Exit codes: ")
    page.text(remarks)
    page.section("exit status")
    page.text(codes[0].upper() + codes[1:])
    page.see_also(("weir", 1), ("weir.toml", 5))
    return page.written()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(installer_page((PROJECT / "install/zabbix").read_text(), day_of_sources()))
