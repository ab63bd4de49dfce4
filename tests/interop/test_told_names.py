"""What an exporter tells of itself, with no monitor: names of interfaces and applications in the console, the API, weir query, after a
restart, and out of a capture. The datagrams are written byte by byte."""
import json
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from collector import PROGRAM, Collector, import_captures, query, wait_until
from wire_flows import capture_of

TEAMS = 13 << 24 | 453


def v9(sets, sequence, now):
    """RFC 3954 5.1: version, count, uptime, seconds, sequence, source id."""
    return struct.pack("!HHIIII", 9, 1, 3_600_000, int(now), sequence, 0) + b"".join(sets)


def one_set(number, content):
    return struct.pack("!HH", number, 4 + len(content)) + content


def options_of(now):
    """Cisco's interface table and application table: scope system; ingressInterface, interfaceName, interfaceDescription; applicationId, applicationName."""
    templates = struct.pack("!HHH8H", 257, 4, 12, 1, 4, 10, 4, 82, 16, 83, 32) + struct.pack("!HHH6H", 258, 4, 8, 1, 4, 95, 4, 96, 24)
    interfaces = b"".join(struct.pack("!4sI16s32s", socket.inet_aton("192.0.2.1"), index, name, what) for index, name, what in ((3, b"Gi0/3", b"uplink"), (4, b"Gi0/4", b"")))
    return v9([one_set(1, templates), one_set(257, interfaces), one_set(258, struct.pack("!4sI24s", socket.inet_aton("192.0.2.1"), TEAMS, b"ms-teams"))], 1, now)


def flows_of(now, application=TEAMS):
    """Client, server, ports, protocol, interfaces, octets, packets, first and last by uptime, application."""
    fields = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (10, 4), (14, 4), (1, 4), (2, 4), (22, 4), (21, 4), (95, 4))
    template = struct.pack("!HH", 256, len(fields)) + b"".join(struct.pack("!HH", *field) for field in fields)
    record = struct.pack("!4s4sHHBIIIIIII", socket.inet_aton("10.0.0.1"), socket.inet_aton("198.51.100.1"), 50_000, 443, 6, 3, 9, 6000, 6, 3_590_000, 3_599_000, application)
    return v9([one_set(0, template), one_set(256, record)], 2, now)


class ToldNames(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name) / "data"

    def start(self):
        collector = Collector(self.data).start()
        self.addCleanup(collector.end)
        return collector

    def console(self, line):
        return subprocess.run([PROGRAM, "console", "--data", str(self.data), "-c", line], capture_output=True, text=True, check=True, timeout=60).stdout

    def interfaces(self, collector):
        token = subprocess.run([PROGRAM, "token", "--data", str(self.data)], capture_output=True, text=True, check=True).stdout.strip()
        asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "exporters.list", "params": {}})
        answer = subprocess.run(["curl", "-s", "-f", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json", "-d", asked,
                                 f"http://127.0.0.1:{collector.api_port}/rpc"], capture_output=True, text=True, check=True).stdout
        return {one["index"]: one for one in json.loads(answer)["result"]["exporters"][0]["interfaces"]}

    def test_names_come_with_options_and_stay(self):
        collector = self.start()
        now = time.time()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            exporter.sendto(options_of(now), ("127.0.0.1", collector.udp_port))
            exporter.sendto(flows_of(now), ("127.0.0.1", collector.udp_port))
        wait_until("a stored session", lambda: "10.0.0.1" in self.console("sessions"))
        shown = self.console("interfaces 127.0.0.1")
        self.assertIn("Gi0/3", shown)
        self.assertIn("uplink", shown)
        told = self.interfaces(collector)
        self.assertEqual((told[3]["name"], told[3]["alias"]), ("Gi0/3", "uplink"))
        self.assertIn("3 Gi0/3", self.console("top exporter,in_if -1h"))
        self.assertIn("ms-teams", self.console("top application -1h"))
        self.assertIn("10.0.0.1", self.console("sessions -1h application ms-teams"))

        self.assertEqual(collector.stop(), 0)
        rows = query(self.data, "--by", "exporter,in_if")["rows"]
        self.assertEqual(rows[0]["label"]["in_if"], "Gi0/3")
        self.assertEqual(query(self.data, "--by", "application", "--filter", "application ms-teams")["rows"][0]["key"]["application"], "ms-teams")
        collector = self.start()
        self.assertIn("Gi0/4", self.console("interfaces 127.0.0.1"))
        self.assertIn("ms-teams", self.console("top application -1h"))

    def test_names_come_out_of_captures(self):
        capture = self.data.parent / "one.pcap"
        capture.write_bytes(capture_of([(options_of(1_700_006_400), 1_700_006_400, "192.0.2.1"), (flows_of(1_700_006_400), 1_700_006_400, "192.0.2.1")]))
        code, _, complaint = import_captures(self.data, capture)
        self.assertEqual(code, 0, complaint)
        row = query(self.data, "--by", "exporter,in_if,application")["rows"][0]
        self.assertEqual((row["label"]["in_if"], row["key"]["application"]), ("Gi0/3", "ms-teams"))


class Tap(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name) / "data"
        self.collector = Collector(self.data).start()
        self.addCleanup(self.collector.end)

    def tap(self, *arguments):
        """weir tap, and datagrams until it has ended; its exit code, output and complaints, and how long it took."""
        began = time.monotonic()
        tap = subprocess.Popen([PROGRAM, "tap", "--data", str(self.data), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: tap.poll() is None and tap.kill())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            application = 1
            while tap.poll() is None and time.monotonic() - began < 20:
                exporter.sendto(flows_of(time.time(), application), ("127.0.0.1", self.collector.udp_port))
                application += 1
                time.sleep(0.05)
        out, complaint = tap.communicate(timeout=20)
        return tap.returncode, out, complaint, time.monotonic() - began

    def test_records_are_shown_as_they_come(self):
        code, out, complaint, seconds = self.tap("--count", "3")
        self.assertEqual((code, complaint), (0, ""))
        self.assertEqual(len(out.splitlines()), 3)
        self.assertIn("127.0.0.1 tcp 10.0.0.1:50000 > 198.51.100.1:443 octets 6000 packets 6", out)
        self.assertIn(" in_if 3 out_if 9", out)
        self.assertLess(seconds, 5)

    def test_json_has_an_object_a_line(self):
        code, out, _, _ = self.tap("--count", "2", "--format", "json", "--filter", "in if 3 and port 443", "--exporters", "127.0.0.1")
        self.assertEqual(code, 0)
        records = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(r["src"], r["dst_port"], r["octets"], r["in_if"], r["exporter"]) for r in records], [("10.0.0.1", 443, 6000, 3, "127.0.0.1")] * 2)
        self.assertGreater(records[1]["application"], records[0]["application"])

    def test_what_is_wrong_is_told(self):
        code, out, complaint, _ = self.tap("--filter", "host nowhere")
        self.assertEqual((code, out), (2, ""))
        self.assertIn("nowhere", complaint)
        self.collector.stop()
        code, _, complaint, _ = self.tap()
        self.assertEqual(code, 1)
        self.assertIn("no collector runs on", complaint)

    def test_a_filter_that_nothing_passes_shows_nothing(self):
        tap = subprocess.Popen([PROGRAM, "tap", "--data", str(self.data), "--filter", "port 444"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: tap.poll() is None and tap.kill())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            for application in range(1, 240):
                exporter.sendto(flows_of(time.time(), application), ("127.0.0.1", self.collector.udp_port))
                time.sleep(0.05)
        tap.terminate()
        out, complaint = tap.communicate(timeout=20)
        self.assertEqual(out, "")
        self.assertIn("no record that passes the filter within 10 s", complaint)


if __name__ == "__main__":
    unittest.main()
