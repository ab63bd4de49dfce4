"""test_pages.py: every link of every page leads somewhere, and every setting that a page names exists. Nothing is built for it."""
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pages import PROJECT, anchors_of, blocks_of, code_spans, links_of, page_names  # noqa: E402

# What `alert.lua` and `store.hpp` end in: names of files look like settings.
SUFFIXES = {path.suffix[1:] for path in PROJECT.rglob("*.*") if "node_modules" not in path.parts} - {""}


def broken_links(page, text):
    for line, target in links_of(text):
        if re.match(r"^[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (PROJECT / page).parent / path if path else PROJECT / page
        if not file.exists():
            yield f"{page}:{line}: {target}: there is no such file"
        elif PROJECT not in file.resolve().parents and file.resolve() != PROJECT:
            yield f"{page}:{line}: {target}: leads out of the project"
        elif anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text()):
            yield f"{page}:{line}: {target}: {path or page} has no heading of that name"


def unknown_settings(page, text, sections):
    for line, span in code_spans(text):
        for section, key in re.findall(r"(?<![\w./-])([a-z]+)\.([a-z][a-z0-9_]*)(?![\w./(])", span):
            known = sections.get(section)
            # `exporters.admit_*` stands for all that begin so.
            if known is not None and key not in SUFFIXES and not any(name == key or (key.endswith("_") and name.startswith(key)) for name in known):
                yield f"{page}:{line}: there is no setting {section}.{key}"


class Pages(unittest.TestCase):
    def setUp(self):
        self.pages = {name: (PROJECT / name).read_text() for name in page_names()}
        self.assertIn("README.md", self.pages)

    def test_links_lead_somewhere(self):
        self.assertEqual([mistake for name, text in self.pages.items() for mistake in broken_links(name, text)], [])

    def test_settings_exist(self):
        schema = json.loads((PROJECT / "schemas/config.schema.json").read_text())
        sections = {name: table["properties"] for name, table in schema["properties"].items()}
        # A method of the API may have the name of a section before its dot.
        for path in (PROJECT / "schemas/methods").glob("*.params.json"):
            section, _, method = path.name.removesuffix(".params.json").partition(".")
            if section in sections:
                sections[section] = {*sections[section], method}
        for name, text in self.pages.items():
            if name not in ("CHANGELOG.md",):  # it also names what is gone
                self.assertEqual(list(unknown_settings(name, text, sections)), [])

    def test_every_page_of_the_manual_is_in_the_readme(self):
        linked = {target.partition("#")[0] for _, target in links_of(self.pages["README.md"])}
        manual = [name for name in self.pages if name.startswith("docs/")]
        self.assertGreater(len(manual), 8)
        self.assertEqual([name for name in manual if name not in linked], [])

    def test_every_shipped_rule_is_in_the_page_of_alerts(self):
        linked = {Path(target).name for _, target in links_of(self.pages["docs/alerts.md"])}
        self.assertEqual([path.name for path in sorted((PROJECT / "lua/alerts").glob("*.lua")) if path.name not in linked], [])

    def test_scripts_have_the_options_that_pages_use(self):
        for name, text in self.pages.items():
            lines = [(block.line, line) for block in blocks_of(name, text) for line in block.text.splitlines()]
            for number, line in lines + list(code_spans(text)):
                used = re.match(r"^(?:\./)?(install/\w+)((?: .*)?)$", line.partition("  #")[0].strip())
                if not used or not (PROJECT / used.group(1)).is_file():
                    self.assertFalse(line.startswith("./install/") and not used, f"{name}:{number}: {line}")
                    continue
                script = (PROJECT / used.group(1)).read_text()
                for option in re.findall(r"(?<=\s)--?[a-z][\w-]*", used.group(2)):
                    self.assertIn(option, script, f"{name}:{number}: {used.group(1)} has no {option}")


class Checks(unittest.TestCase):
    """That the checks above find what they are for."""

    def test_a_broken_link_is_found(self):
        page = "## A *bold* heading, twice\n[x](README.md#nowhere) [y](nothing.md) `[c](code)` [w](https://a.example) [v](README.md#start)\n"
        found = list(broken_links("CHANGELOG.md", page))
        self.assertEqual([line.split(": ", 1)[1] for line in found], ["README.md#nowhere: README.md has no heading of that name", "nothing.md: there is no such file"])
        self.assertIn("a-bold-heading-twice", anchors_of(page))

    def test_an_unknown_setting_is_found(self):
        sections = {"store": {"dir"}}
        self.assertEqual(list(unknown_settings("p", "`store.dir` `store.depth`, `store/store.hpp`, `store.hpp`", sections)), ["p:1: there is no setting store.depth"])


if __name__ == "__main__":
    unittest.main()
