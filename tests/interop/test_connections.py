"""Clients that connect and do not log in: what somebody waits who does, beside 256 of them that come again at once when closed."""
import contextlib
import http.client
import json
import os
import selectors
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from collector import PROGRAM, Collector, free_port

ATTACKERS, SILENT_TELNETS, SECONDS = 256, 16, 8
LONGEST_WAIT = 20  # s; for a machine that has much else to do. It was more than a minute.
UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
# What the kinds send and then wait: nothing (under TLS a handshake that does not begin), half a header, half a body, no login.
KINDS = (b"", b"GET / HTTP/1.1\r\nHost: loc", b"POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{", UPGRADE)
# A TLS record that announces a client's hello and brings the beginning of it.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def besiege(port, first_bytes, connections):
    """Holds that many connections, for ever; what is closed is opened again at once."""
    selector = selectors.DefaultSelector()

    def connect(kind):
        peer = socket.socket()
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            peer.connect(("127.0.0.1", port))
        selector.register(peer, selectors.EVENT_WRITE, kind)

    for number in range(connections):
        connect(first_bytes[number % len(first_bytes)])
    while True:
        for key, events in selector.select():
            try:
                if events & selectors.EVENT_WRITE:
                    if key.data:
                        key.fileobj.send(key.data)
                    selector.modify(key.fileobj, selectors.EVENT_READ, key.data)
                elif not key.fileobj.recv(65536):
                    raise ConnectionError
            except OSError:
                selector.unregister(key.fileobj)
                key.fileobj.close()
                connect(key.data)


@contextlib.contextmanager
def besieged(port, first_bytes, connections):
    child = os.fork()
    if child == 0:
        try:
            besiege(port, first_bytes, connections)
        finally:
            os._exit(1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@contextlib.contextmanager
def held(port, connections):
    """That many connections that say nothing, and do not come again."""
    with contextlib.ExitStack() as open_ones:
        for _ in range(connections):
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
        yield


class Connections(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.displaced = 0
        self.telnet = free_port(socket.SOCK_STREAM)
        (self.folder / "password").write_text("correct horse\n")
        (self.folder / "password").chmod(0o600)

    def start(self, tls):
        settings = f'[console]\nlisten = "127.0.0.1:{self.telnet}"\npassword_file = "password"\n'
        if tls:
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                            "-days", "2", "-subj", "/CN=localhost"], cwd=self.folder, check=True, capture_output=True)
            settings += '[api]\ntls_certificate = "cert.pem"\ntls_key = "key.pem"\n'
        (self.folder / "weir.toml").write_text(settings)
        collector = Collector(self.folder / "data", options=["--config", str(self.folder / "weir.toml")])
        if tls:
            collector.healthy = lambda: (self.folder / "data/console.sock").exists()
        collector.start()
        self.addCleanup(collector.stop)
        self.token = subprocess.run([PROGRAM, "token", "--data", str(collector.data)], capture_output=True, text=True, check=True).stdout.strip()
        return collector

    def ask(self, port, tls):
        """A call over a connection of its own. A connection that has to give way before its login is opened again, as a browser does it."""
        context = ssl._create_unverified_context()
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "status.get", "params": {}})
        end = time.monotonic() + LONGEST_WAIT
        while True:
            client = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context) if tls else http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                client.request("POST", "/rpc", body, {"Authorization": f"Bearer {self.token}"})
                answer = json.load(client.getresponse())
                break
            except (OSError, http.client.HTTPException):
                self.displaced += 1
                if time.monotonic() > end:
                    raise
            finally:
                client.close()
        self.assertIn("result", answer)

    def ask_console(self, data):
        said = subprocess.run([PROGRAM, "console", "--data", str(data), "-c", "doctor"], capture_output=True, text=True, check=True, timeout=30).stdout
        self.assertIn("Collector:", said)
        return said

    def log_in_by_telnet(self):
        with socket.create_connection(("127.0.0.1", self.telnet), timeout=30) as peer:
            text = b""
            for expected, answer in ((b"password: ", b"correct horse\r\n"), (b"weir> ", b"quit\r\n")):
                while not text.endswith(expected):
                    piece = peer.recv(4096)
                    self.assertTrue(piece, text)
                    text += piece
                peer.sendall(answer)

    def longest_waits(self, collector, tls):
        waits = {}
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for what, act in (("api", lambda: self.ask(collector.api_port, tls)), ("console", lambda: self.ask_console(collector.data)), ("telnet", self.log_in_by_telnet)):
                begun = time.monotonic()
                act()
                waits[what] = max(waits.get(what, 0), time.monotonic() - begun)
        return waits

    def check(self, tls):
        collector = self.start(tls)
        kinds = (b"", HALF_HELLO) if tls else KINDS
        with besieged(collector.api_port, kinds, ATTACKERS), held(self.telnet, SILENT_TELNETS):
            waits = self.longest_waits(collector, tls)
            doctor = self.ask_console(collector.data)
        print(f"\n  {'HTTPS' if tls else 'HTTP'}, the longest wait of a user:", ", ".join(f"{what} {wait * 1000:.0f} ms" for what, wait in waits.items()),
              f"; gave way and came again {self.displaced} times", flush=True)
        for what, wait in waits.items():
            self.assertLess(wait, LONGEST_WAIT, what)
        self.assertIn("api.max_unauthenticated", doctor)
        self.assertIn("telnet connection was closed before its login", doctor)
        log = collector.log.read_text()
        self.assertIn("to make room for newcomers", log)
        self.assertLess(log.count("make room"), 10)

    def test_http(self):
        self.check(tls=False)

    def test_https(self):
        self.check(tls=True)

    def test_stop_beside_them(self):
        collector = self.start(tls=False)
        with besieged(collector.api_port, KINDS, ATTACKERS), held(self.telnet, SILENT_TELNETS):
            self.ask(collector.api_port, False)
            begun = time.monotonic()
            collector.process.terminate()
            self.assertEqual(collector.process.wait(30), 0)
            print(f"\n  stopped after {(time.monotonic() - begun) * 1000:.0f} ms", flush=True)

    def test_guesses_slow_down_and_are_logged(self):
        collector = self.start(tls=False)
        guesses = 0
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.telnet), timeout=1) as peer:
                peer.sendall(b"wrong horse\r\n")
                guesses += 1
                peer.recv(4096)
        refused = collector.metrics()["weir_console_passwords_refused_total"]
        self.assertGreater(guesses, refused)
        self.assertLessEqual(refused, 8)
        self.assertIn("a wrong password at telnet: 127.0.0.1", collector.log.read_text())
        self.assertIn("a wrong password at telnet", self.ask_console(collector.data))


if __name__ == "__main__":
    unittest.main()
