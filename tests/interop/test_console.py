"""The console as an operator meets it: `weir console -c`, Debian's telnet, and what else may come to a telnet port."""
import json
import os
import re
import resource
import select
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from collector import PROGRAM, Collector, free_port, wait_until
from wire_flows import Flow, v5_datagram

PROMPT = b"weir> "
# What each command's answer begins with, or holds.
COMMANDS = {
    "help": "command", "flows": " heard in the last", "exporter 127.0.0.1": "last seen", "interfaces 127.0.0.1": "127.0.0.1", "templates 127.0.0.1": " held; ",
    "metering 127.0.0.1 ingress": "ingress", "metering 127.0.0.1 auto": "auto",
    "sessions": "sessions", "sessions -1h port 53": "sessions", "top client": "client", "top port,protocol -7d": "port", "explain": "on average", "explain -1h port 53": "on average", "why": "sess", "rules": "rules in", "alerts": "firing",
    "ext": " to the API", "peers": "asks no other", "doctor": "Collector:", "doctor 127.0.0.1": "checks", "quality": "Since the start", "store": "not yet sealed", "cache": "hit rate",
    "queues": "worker 1", "lua reload": "server ports", "lua": "server_ports.lua", "log debug decode": "logs from debug on", "log info": "logs from info on", "about": "Libraries:",
    "trace 203.0.113.1 1": "Nothing came from 203.0.113.1", "tap port 444": "No record that passes the filter", "tap json after 0": "next ",
}
MISTAKES = {"fly": "there is no command", "exporter": "needs an exporter", "forget": "needs an exporter", "metering": "needs an exporter", "top bogus": "bogus", "sessions host": "host", "explain -1h host": "host", "explain -soon": "soon", "log loud": "log needs a level", "trace 127.0.0.1 0": "write trace", "tap after x": "after needs a number", "tap host": "host"}


def just_now(count):
    """A NetFlow v5 datagram of `count` records."""
    return v5_datagram([Flow("10.0.0.1", "198.51.100.1", octets=500, packets=5, source_port=50_000)] * count, epoch=time.time())[0]


class Telnet:
    """A plain connection that reads up to the prompt."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def answer(self):
        text = b""
        while not text.endswith(PROMPT):
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError(text.decode("utf-8", "replace"))
            text += piece
        return text[:-len(PROMPT)].decode()

    def ask(self, line):
        self.socket.sendall(line if isinstance(line, bytes) else line.encode() + b"\r\n")
        return self.answer()


class Console(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.port = free_port(socket.SOCK_STREAM)
        settings = Path(cls.folder.name) / "weir.toml"
        settings.write_text(f'[console]\nlisten = "127.0.0.1:{cls.port}"\n')
        cls.data = Path(cls.folder.name) / "data"
        cls.collector = Collector(cls.data, options=["--config", str(settings)]).start()
        cls.addClassCleanup(cls.collector.stop)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            exporter.sendto(just_now(3), ("127.0.0.1", cls.collector.udp_port))
        wait_until("a stored session", lambda: "10.0.0.1" in cls.console("sessions")[1])

    @classmethod
    def console(cls, line):
        """(exit code, standard output, standard error) of weir console -c."""
        done = subprocess.run([PROGRAM, "console", "--data", str(cls.data), "-c", line], capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr

    def metrics(self):
        return self.collector.metrics()

    def resident_kib(self):
        for line in Path(f"/proc/{self.collector.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0

    def test_every_command_over_the_socket(self):
        for line, part in COMMANDS.items():
            with self.subTest(line=line):
                code, said, wrong = self.console(line)
                self.assertEqual((code, wrong), (0, ""))
                self.assertIn(part, said)

    def test_a_first_start_needs_no_second(self):
        self.assertNotIn("changed since the collector was started", self.console("doctor")[1])

    def test_mistakes_are_told_and_have_exit_codes(self):
        for line, part in MISTAKES.items():
            with self.subTest(line=line):
                code, said, wrong = self.console(line)
                self.assertEqual((code, said), (2, ""))
                self.assertIn(part, wrong)
        self.assertEqual(self.console("exporter 203.0.113.1")[0], 1)

    def test_no_command_is_left_out_here(self):
        listed = {line.split()[0] for line in self.console("help")[1].splitlines()[1:]}
        self.assertEqual(listed - {line.split()[0] for line in COMMANDS}, {"quit", "forget"})

    def test_an_exporter_is_forgotten_and_comes_back(self):
        def known():
            return "127.0.0.9" in self.console("flows")[1]

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            exporter.bind(("127.0.0.9", 0))
            exporter.sendto(just_now(3), ("127.0.0.1", self.collector.udp_port))
            wait_until("the exporter", known)
            code, _, wrong = self.console("forget 127.0.0.9")
            self.assertEqual((code, wrong), (0, ""))
            self.assertFalse(known())
            exporter.sendto(just_now(3), ("127.0.0.1", self.collector.udp_port))
            wait_until("the exporter again", known)

    def test_a_session_with_telnet(self):
        lines = [*COMMANDS, *MISTAKES]
        telnet = subprocess.Popen(["telnet", "127.0.0.1", str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(telnet.stdout.close)
        text = b""

        def read_prompt():
            nonlocal text
            start = len(text)
            end = time.monotonic() + 30
            while not text[start:].endswith(PROMPT):
                ready, _, _ = select.select([telnet.stdout], [], [], max(0, end - time.monotonic()))
                self.assertTrue(ready, f"no prompt after {text[start:][-200:]}")
                piece = os.read(telnet.stdout.fileno(), 65536)
                self.assertTrue(piece, f"closed after {text[start:][-200:]}")
                text += piece
            return text[start:].decode()

        read_prompt()
        for line in lines:
            telnet.stdin.write(line.encode() + b"\n")
            telnet.stdin.flush()
            said = read_prompt()
            with self.subTest(line=line):
                self.assertIn({**COMMANDS, **MISTAKES}[line], said)
                # Nothing that a terminal would act on.
                self.assertEqual([c for c in said if ord(c) < 32 and c not in "\r\n"], [])
        telnet.stdin.write(b"quit\n")
        telnet.stdin.flush()
        self.assertIn(telnet.wait(20), (0, 1))
        telnet.stdin.close()

    def test_trace_shows_the_next_datagrams(self):
        asking = subprocess.Popen([PROGRAM, "console", "--data", str(self.data), "-c", "trace 127.0.0.1 1"], stdout=subprocess.PIPE, text=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            def sent_until_it_ended():
                exporter.sendto(just_now(1), ("127.0.0.1", self.collector.udp_port))
                return asking.poll() is not None
            wait_until("the trace to end", sent_until_it_ended)
        said = asking.communicate()[0]
        self.assertIn("NetFlow v5", said)
        self.assertIn("198.51.100.1", said)

    def test_the_same_over_the_api(self):
        token = subprocess.run([PROGRAM, "token", "--data", str(self.data)], capture_output=True, text=True, check=True).stdout.strip()
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "console.run", "params": {"command": "templates 127.0.0.1"}})
        said = subprocess.run(["curl", "-s", "-H", "@-", "-d", body, f"http://127.0.0.1:{self.collector.api_port}/rpc"],
                              capture_output=True, text=True, check=True, input=f"Authorization: Bearer {token}\n").stdout
        result = json.loads(said)["result"]
        self.assertEqual((result["outcome"], result["text"]), ("done", self.console("templates 127.0.0.1")[1]))

    def test_about_is_one_text(self):
        def without_figures(text):
            return re.sub(r"\d+", "0", re.sub(r"(?m)^  (up|records/s|store|stored|cache):.*$", "", text))
        printed = subprocess.run([PROGRAM, "about", "--data", str(self.data)], capture_output=True, text=True, check=True).stdout
        self.assertIn("Collector:", printed)
        self.assertEqual(without_figures(printed), without_figures(self.console("about")[1]))
        with tempfile.TemporaryDirectory() as empty:
            alone = subprocess.run([PROGRAM, "about", "--data", empty], capture_output=True, text=True, check=True).stdout
        self.assertIn("No collector runs on", alone)

    def test_garbage_is_answered_or_closed(self):
        noise = bytes(range(256)) * 64
        for what in (noise, b"\xff\xfd\x01\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0flows\r\n", b"\x00" * 10000 + b"\n", "sessions host \u202e\n".encode(), b"GET / HTTP/1.1\r\n\r\n"):
            with self.subTest(what=what[:12]):
                with socket.create_connection(("127.0.0.1", self.port), timeout=20) as peer:
                    peer.sendall(what)
                    peer.shutdown(socket.SHUT_WR)
                    said = b""
                    while piece := peer.recv(65536):
                        said += piece
                self.assertNotIn(0x1b, said)
        self.assertEqual(Telnet(self.port).answer(), "")

    def test_a_line_of_10_mb_is_refused_and_the_next_one_answered(self):
        before = self.resident_kib()
        telnet = Telnet(self.port)
        telnet.answer()
        self.assertIn("longer than 4096 bytes", telnet.ask(b"x" * (10 << 20) + b"\r\n"))
        self.assertIn("hit rate", telnet.ask("cache"))
        self.assertLess(self.resident_kib() - before, 4096)
        telnet.socket.close()

    def test_500_connections_are_bounded(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        before, refused = self.resident_kib(), self.metrics()["weir_console_connections_refused_total"]
        peers = [socket.create_connection(("127.0.0.1", self.port), timeout=20) for _ in range(500)]
        try:
            wait_until("484 refusals", lambda: self.metrics()["weir_console_connections_refused_total"] - refused >= 500 - 16)
            self.assertLessEqual(self.metrics()["weir_console_connections"], 16)
            self.assertLess(self.resident_kib() - before, 16384)
        finally:
            for peer in peers:
                peer.close()
        wait_until("the console to be free again", lambda: self.metrics()["weir_console_connections"] == 0)
        self.assertIn("1 exporter, ", self.console("flows")[1])
