"""test_manual.py WEIR FOLDER: the manual pages and completions in FOLDER, against what WEIR says itself."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGES = ["weir.1", "weir.toml.5", "weir-filter.7", "weir-rules.7", "weir-zabbix.8"]


def said(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


def leaves(command, path=()):
    if not command["commands"]:
        yield path, command
    for child in command["commands"]:
        yield from leaves(child, (*path, child["name"]))


class Manual(unittest.TestCase):
    program: str
    folder: Path

    def rendered(self, page):
        if shutil.which("mandoc"):
            return re.sub(".\b", "", said("mandoc", "-Tutf8", self.folder / page).stdout)
        if not shutil.which("man"):
            self.skipTest("neither mandoc nor man is installed")
        return re.sub(r".\x08|\x1b\[[0-9;]*m", "", said("man", "-l", self.folder / page, env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}).stdout)

    def test_pages_are_right_in_form(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        for page in PAGES:
            with self.subTest(page):
                lint = said("mandoc", "-Tlint", self.folder / page).stdout
                # What a page refers to is installed with it.
                found = [line for line in lint.splitlines() if "referenced manual not found: Xr weir" not in line]
                self.assertEqual(found, [])

    def test_man_has_no_warnings(self):
        if not shutil.which("man"):
            self.skipTest("man is not installed")
        for page in PAGES:
            with self.subTest(page):
                shown = said("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", self.folder / page, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
                self.assertEqual((shown.returncode, shown.stderr), (0, ""))

    def test_page_has_every_command_and_option(self):
        page = self.rendered("weir.1")
        line = json.loads(said(self.program, "command-line").stdout)
        commands = list(leaves(line))
        self.assertGreater(len(commands), 8)
        for path, command in commands:
            self.assertIn(" ".join(("weir", *path)), page)
            for option in command["options"]:
                for name in option["names"]:
                    self.assertIn(name, page)

    def test_page_has_every_setting(self):
        page = self.rendered("weir.toml.5")
        schema = json.loads((PROJECT / "schemas/config.schema.json").read_text())
        for section, group in schema["properties"].items():
            self.assertIn(f"[{section}]", page)
            for name in group["properties"]:
                self.assertRegex(page, rf"\b{name} = ")

    def test_page_has_every_word_of_filters(self):
        page = self.rendered("weir-filter.7")
        for word in json.loads((PROJECT / "schemas/fields.json").read_text())["words"]:
            self.assertRegex(page, rf"(?m)^ +{word['word']}\b")
        self.assertIn("Also: proto.", page)
        self.assertIn("expression = term", page)

    def test_page_has_every_name_of_rules(self):
        page = self.rendered("weir-rules.7")
        for name in re.findall(r"^---@field (\w+)|^function ([\w.]+)", (PROJECT / "lua/weir.lua").read_text(), re.M):
            self.assertIn(name[0] or name[1], page)

    def test_help_hides_what_is_for_these_pages(self):
        self.assertNotIn("command-line", said(self.program, "--help").stdout)

    def completed(self, *words):
        script = f'source "$1"; COMP_WORDS=({" ".join(words)}); COMP_CWORD={len(words) - 1}; _weir; printf "%s\\n" "${{COMPREPLY[@]}}"'
        done = said("bash", "-c", script, "_", self.folder / "weir.bash", cwd=self.empty)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_bash_completes(self):
        with tempfile.TemporaryDirectory() as folder:
            self.empty = folder
            (Path(folder) / "exports.pcap").touch()
            (Path(folder) / "sessions").mkdir()
            self.assertEqual(self.completed("weir", "ru"), {"run", "rules"})
            self.assertEqual(self.completed("weir", "rules", "''"), {"check", "test", "--help"})
            self.assertEqual(self.completed("weir", "query", "--form"), {"--format"})
            self.assertEqual(self.completed("weir", "query", "--format", "''"), {"table", "csv", "json"})
            self.assertEqual(self.completed("weir", "query", "--data", "''"), {"sessions"})
            self.assertEqual(self.completed("weir", "query", "--filter", "''"), set())
            self.assertEqual(self.completed("weir", "import", "ex"), {"exports.pcap"})
            self.assertEqual(self.completed("weir", "rules", "test", "--fro"), {"--from"})

    def test_zsh_reads_its_completion(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        done = said("zsh", "-n", self.folder / "_weir")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    Manual.program, Manual.folder = sys.argv[1], Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1])
