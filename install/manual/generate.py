#!/usr/bin/env python3
"""generate.py WEIR OUT: the manual pages and the completions of the program WEIR, into the folder OUT.

No text of theirs is kept twice: commands come from the program, settings from schemas/config.schema.json, words of filters
from schemas/fields.json, rules from lua/weir.lua.
"""
import json
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "schemas"))
from command_page import command_page  # noqa: E402
from completions import bash_completion, zsh_completion  # noqa: E402
from day import day_of_sources  # noqa: E402
from filter_page import filter_page  # noqa: E402
from generate_settings import allowed, toml_value  # noqa: E402
from rules_page import rules_page  # noqa: E402
from settings_page import settings_page  # noqa: E402


def main():
    if len(sys.argv) != 3:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    program, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2])

    def read(name):
        return (PROJECT / name).read_text()

    line = json.loads(subprocess.run([program, "command-line"], capture_output=True, text=True, check=True).stdout)
    day = day_of_sources()
    written = {
        "weir.1": command_page(line, read("README.md"), day),
        "weir.toml.5": settings_page(json.loads(read("schemas/config.schema.json")), toml_value, allowed, day),
        "weir-filter.7": filter_page(json.loads(read("schemas/fields.json")), read("sidecar/query/filter.hpp"), read("sidecar/query/filter_words.cpp"), day),
        "weir-rules.7": rules_page(read("lua/weir.lua"), day),
        "weir.bash": bash_completion(line),
        "_weir": zsh_completion(line),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in written.items():
        (out / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
