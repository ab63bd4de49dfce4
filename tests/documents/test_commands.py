"""test_commands.py WEIR: what the pages tell people to type works. Each command and option exists; what does no harm is run, beside a
collector with a few flows of the exporter 192.0.2.1; filters, rules and settings in blocks are read by the program."""
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "interop")]
from collector import Collector  # noqa: E402
from pages import PROJECT, blocks_of, code_spans, page_names  # noqa: E402
from wire_flows import EPOCH, Flow, answered, write_capture  # noqa: E402

# They wait for traffic, go on until they are ended, or need a file of the reader's.
NOT_RUN = {"run", "import", "tap", "store repair"}
NOT_ASKED = {"trace", "tap", "quit"}
FOUND_SOMETHING = {"doctor", "store check"}  # exit code 1 is an answer
# A page names exporters and networks that are not here: the filter was understood all the same.
NOT_HERE = re.compile(r"is named '|are not known here|no exporter ")


def commands_in(text):
    """The words of each call of weir in a line or a span, also within $( ). Raises ValueError where quotes do not close."""
    if not re.search(r"(^|[\s(/])weir ", text) or "…" in text:
        return
    lexer = shlex.shlex(re.sub(r"\s#\s.*", "", text), posix=True, punctuation_chars="();|&")
    lexer.whitespace_split, lexer.commenters = True, ""
    words = []
    for word in [*lexer, ";"]:
        if set(word) <= set("();|&"):
            if words[:3] == ["runuser", "-u", "weir"]:
                words = words[4:]
            if words and words[0] in ("weir", "build/weir"):
                yield words[1:]
            words = []
        else:
            words.append(word)


def leaf_of(line, words):
    """(path, command) that the words name, of what `weir command-line` lists; None where there is none."""
    path, command = [], line
    for word in words:
        child = next((child for child in command["commands"] if child["name"] == word), None)
        if child is None:
            break
        path.append(word)
        command = child
    return (" ".join(path), command) if path else None


class Commands(unittest.TestCase):
    program: Path

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = Path(cls.folder.name)
        for name in ("lua", "schemas"):
            (root / name).symlink_to(PROJECT / name)
        write_capture(root / "flows.pcap", answered(Flow("10.0.0.1", "10.0.0.2", at=int(time.time()) - EPOCH - 600, duration=5, octets=5000, packets=9), 90_000, 70))
        cls.said(cls, "import", "flows.pcap", "--data", "data")
        cls.collector = Collector(root / "data", program=cls.program)
        cls.collector.start()
        cls.line = json.loads(cls.said(cls, "command-line").stdout)
        answer = cls.said(cls, "console", "--data", "data", "-c", "help").stdout
        cls.console = {words[0] for words in (row.split() for row in answer.splitlines()[1:]) if words}
        cls.pages = {name: (PROJECT / name).read_text() for name in page_names() if name != "CHANGELOG.md"}

    @classmethod
    def tearDownClass(cls):
        cls.collector.end()
        cls.folder.cleanup()

    def said(self, *words):
        return subprocess.run([self.program, *words], cwd=self.folder.name, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)

    def calls(self):
        """(page, line, words) of every call of weir in blocks and in sentences."""
        for page, text in self.pages.items():
            blocks = [block for block in blocks_of(page, text) if block.language in ("sh", "")]
            lines = [(block.line + i, line) for block in blocks for i, line in enumerate(block.text.splitlines())]
            for number, line in lines + list(code_spans(text)):
                for words in commands_in(line):
                    yield page, number, words

    def test_commands_and_options_exist(self):
        seen = 0
        for page, number, words in self.calls():
            with self.subTest(f"{page}:{number}: weir {' '.join(words)}"):
                found = leaf_of(self.line, words)
                if words[0].startswith("-"):
                    options = self.line["options"]
                else:
                    self.assertIsNotNone(found, "there is no such command")
                    options = found[1]["options"]
                names = {name for option in options for name in option["names"]}
                for word in words:
                    if re.match(r"^--?[a-z]", word):
                        self.assertIn(word.partition("=")[0], names)
                if "-c" in words:
                    self.assertIn(words[words.index("-c") + 1].split()[0], self.console)
                seen += 1
        self.assertGreater(seen, 60)

    def test_commands_of_blocks_work(self):
        places = {"/var/lib/weir": "data", "/backup/weir": "backup"}
        ran = 0
        for page, text in self.pages.items():
            for block in blocks_of(page, text):
                for i, line in enumerate(block.text.splitlines() if block.language == "sh" else []):
                    for call in commands_in(line):
                        words = [places.get(word, word) for word in call]
                        path, _ = leaf_of(self.line, words) or ("", None)
                        asked = words[words.index("-c") + 1].split()[0] if "-c" in words else ""
                        if path in NOT_RUN or asked in NOT_ASKED or (path == "console" and not asked) or "--help" in words:
                            continue
                        with self.subTest(f"{page}:{block.line + i}: weir {shlex.join(call)}"):
                            done = self.said(*words)
                            fine = (0, 1) if path in FOUND_SOMETHING or asked == "doctor" else (0,)
                            if not NOT_HERE.search(done.stderr):
                                self.assertIn(done.returncode, fine, done.stdout + done.stderr)
                            ran += 1
        self.assertGreater(ran, 25)

    def test_questions_to_the_api_are_answered(self):
        """The blocks of docs/api.md that call curl, as a shell runs them."""
        shell = "".join(block.text for block in blocks_of("api", self.pages["docs/api.md"]) if "curl" in block.text)
        self.assertIn("/rpc", shell)
        shell = shell.replace("127.0.0.1:8710", f"127.0.0.1:{self.collector.api_port}").replace("curl -s", "curl -s -f")
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", f'weir() {{ "{self.program}" "$@"; }}\n' + shell], cwd=self.folder.name, capture_output=True, text=True,
                              check=False, timeout=60, env=os.environ | {"LC_ALL": "C.UTF-8"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('"result":{', done.stdout)
        self.assertNotIn('"error"', done.stdout)
        self.assertIn("client,server_port,octets", done.stdout)

    def test_filters_are_understood(self):
        lines = [(block.page, block.line + i, line) for name, text in self.pages.items() for block in blocks_of(name, text) if block.language == "filter"
                 for i, line in enumerate(block.text.splitlines()) if line]
        self.assertGreater(len(lines), 20)
        for page, number, line in lines:
            with self.subTest(f"{page}:{number}: {line}"):
                done = self.said("query", "--data", "data", "--filter", line, "--limit", "1")
                self.assertTrue(done.returncode == 0 or NOT_HERE.search(done.stderr), done.stderr)

    def test_rules_and_settings_are_read(self):
        checked = 0
        for name, text in self.pages.items():
            for block in blocks_of(name, text):
                if block.language not in ("lua", "toml"):
                    continue
                file = Path(self.folder.name) / f"page.{block.language}"
                file.write_text(block.text)
                with self.subTest(f"{name}:{block.line}"):
                    done = self.said("rules", "check", file.name) if block.language == "lua" else self.said("about", "--config", file.name)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                checked += 1
        self.assertGreater(checked, 2)


if __name__ == "__main__":
    Commands.program = Path(sys.argv.pop(1)).resolve()
    unittest.main()
