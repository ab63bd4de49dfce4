"""quickstart as a newcomer runs it, on ports of its own: the URL, the second run, Ctrl-C, and a port that is taken."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from collector import PROGRAM, free_port, wait_until

PROJECT = Path(__file__).resolve().parents[2]


class Quickstart(unittest.TestCase):
    def setUp(self):
        if Path(PROGRAM).resolve() != PROJECT / "build/weir":
            self.skipTest("quickstart runs build/weir of the project; another program is tested here")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name) / "data"
        self.output = Path(folder.name) / "output"
        self.udp, self.api = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.command = [str(PROJECT / "install/quickstart"), "--data", str(self.data), "--api", f"127.0.0.1:{self.api}", "--listen", str(self.udp)]

    def start(self, *options):
        with open(self.output, "wb") as output:
            process = subprocess.Popen([*self.command, *options], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/",
                                       preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)

    def url_of(self, process):
        def printed():
            if process.poll() is not None:
                raise AssertionError(f"quickstart ended with {process.returncode}: {self.output.read_text()[-2000:]}")
            return re.search(r"http://\S+#token=\S+", self.output.read_text())

        return wait_until("the URL", printed, 120).group(0)

    def test_url_second_run_and_interrupt(self):
        process = self.start("--no-exporter")
        url = self.url_of(process)
        self.assertTrue(url.startswith(f"http://127.0.0.1:{self.api}/#token="), url)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.assertIn(b"<html", opener.open(url.split("#")[0], timeout=5).read().lower())

        second = subprocess.run([*self.command, "--no-exporter"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
        self.assertEqual(second.returncode, 0, second.stdout + second.stderr)
        self.assertIn("running already", second.stdout)
        self.assertIn(f"http://127.0.0.1:{self.api}/#token=", second.stdout)

        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 0, self.output.read_text())
        self.assertIn("Stopped.", self.output.read_text())
        with self.assertRaises(OSError):
            opener.open(url.split("#")[0], timeout=5)

    def exporters(self):
        """Command lines of the softflowds that are controlled from our data folder."""
        lines = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue  # ended meanwhile
            if line.startswith("softflowd ") and str(self.data) in line:
                lines.append(line)
        return lines

    def test_exporter_is_stopped_too(self):
        if os.geteuid() != 0:
            self.skipTest("softflowd needs root")
        process = self.start()
        self.url_of(process)
        self.assertIn("Exporter: softflowd on", self.output.read_text())
        self.assertNotEqual(self.exporters(), [], "softflowd does not run")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 0, self.output.read_text())
        self.assertEqual(self.exporters(), [], "softflowd still runs")

    def test_busy_udp_port_names_port_and_setting(self):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as holder:
            holder.bind(("::", self.udp))
            process = self.start("--no-exporter")
            self.assertEqual(process.wait(120), 1)
        self.assertIn(str(self.udp), self.output.read_text())
        self.assertIn("receive.listen", self.output.read_text())

    def test_busy_api_port_names_port_and_setting(self):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
            holder.bind(("127.0.0.1", self.api))
            holder.listen()
            process = self.start("--no-exporter")
            self.assertEqual(process.wait(120), 1)
        self.assertIn(str(self.api), self.output.read_text())
        self.assertIn("api.listen", self.output.read_text())

    def test_wrong_option(self):
        done = subprocess.run([self.command[0], "--exporter"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--exporter", done.stderr)
