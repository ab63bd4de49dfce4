"""install/service into a folder: what it installs is whole, and the installed program works from there."""
import json
import shutil
import subprocess
import tempfile
import tomllib
import unittest
import urllib.request
from pathlib import Path

from collector import Collector

PROJECT = Path(__file__).resolve().parents[2]


class Service(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = Path(cls.folder.name)
        cls.install("--root", str(cls.root), "--prefix", "/opt/weir")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def install(*options):
        done = subprocess.run([PROJECT / "install/service", *options], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1800, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def test_installed_program_serves_window_and_rules(self):
        program = self.root / "opt/weir/bin/weir"
        with tempfile.TemporaryDirectory() as data:
            collector = Collector(Path(data), program=program, options=["--config", str(self.root / "etc/weir/weir.toml")])
            collector.start()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{collector.api_port}/", timeout=10) as page:
                    self.assertIn("<title>", page.read().decode())
                token = subprocess.run([program, "token", "--data", data], capture_output=True, text=True, check=True).stdout.strip()
                body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "rules.list", "params": {}}).encode()
                call = urllib.request.Request(f"http://127.0.0.1:{collector.api_port}/rpc", body, {"Authorization": f"Bearer {token}"})
                with urllib.request.urlopen(call, timeout=10) as answer:
                    rules = json.load(answer)["result"]["rules"]
            finally:
                self.assertEqual(collector.stop(), 0)
        self.assertEqual(len(rules), len(list((PROJECT / "lua/alerts").glob("*.lua"))))

    def test_unit_names_what_is_installed_and_is_hardened(self):
        unit = self.root / "opt/weir/lib/systemd/system/weir.service"
        self.assertEqual(Path("/opt/weir/lib/systemd/system/weir.service"), (self.root / "etc/systemd/system/weir.service").readlink())
        self.assertIn("ExecStart=/opt/weir/bin/weir run", unit.read_text())
        self.assertNotIn("@WEIR_", unit.read_text())
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        judged = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)], capture_output=True, text=True, check=False)
        self.assertEqual(judged.returncode, 0, judged.stdout[-300:] + judged.stderr)

    def test_settings_name_the_folder_of_the_sessions(self):
        settings = tomllib.loads((self.root / "etc/weir/weir.toml").read_text())
        self.assertEqual(settings, {section: {"dir": "/var/lib/weir"} if section == "store" else {} for section in settings})

    def test_settings_of_before_are_told_the_folder_of_the_sessions(self):
        with tempfile.TemporaryDirectory() as folder:
            settings = Path(folder) / "etc/weir/weir.toml"
            settings.parent.mkdir(parents=True)
            for before, kept in [("[store]\nmax_age_days = 9\n", {"max_age_days": 9}), ("[log]\nlevel = \"debug\"\n", {}), ("[store]\ndir = \"/srv/flows\"\n", {"dir": "/srv/flows"})]:
                settings.write_text(before)
                self.install("--root", folder)
                self.assertEqual(tomllib.loads(settings.read_text())["store"], {"dir": "/var/lib/weir"} | kept)

    def test_second_run_keeps_settings(self):
        settings = self.root / "etc/weir/weir.toml"
        text = settings.read_text() + "\n# ours\n"
        settings.write_text(text)
        self.install("--root", str(self.root), "--prefix", "/opt/weir")
        self.assertEqual(settings.read_text(), text)

    def test_remove_takes_the_program_and_purge_the_rest(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            self.install("--root", folder)
            self.install("--root", folder, "--remove")
            left = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
            self.assertEqual(left, {"etc/weir/weir.toml"})
            self.install("--root", folder, "--remove", "--purge")
            self.assertEqual([path for path in root.rglob("*") if path.is_file()], [])

    def test_wrong_option(self):
        done = subprocess.run([PROJECT / "install/service", "--start"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--start", done.stderr)


if __name__ == "__main__":
    unittest.main()
