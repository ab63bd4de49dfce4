"""Each shipped rule that stored flows can show, on a capture that must fire it once and on one that must not: over the wire
format, import, pairing, store and back-test."""
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from collector import PROGRAM, import_captures
from wire_flows import EPOCH, Flow, answered, write_capture

RULES = Path(__file__).resolve().parents[2] / "lua/alerts"
MINUTE, HOUR, DAY = 60, 3600, 86_400
MB = 1_000_000


def background(minutes, exporter="192.0.2.1"):
    """Somebody always talks: 20 kbit/s of web, so that windows exist."""
    return [flow for minute in range(minutes) for flow in answered(
        Flow("10.0.9.9", "100.64.9.9", minute * MINUTE + 1, 50, 3_000, 20, 50_000 + minute % 1000, exporter=exporter, in_if=1, out_if=1), 120_000, 100)]


def every_minute(first, last, octets, client="10.0.0.1", server="198.51.100.7", **more):
    """`octets` a minute, in records of at most 1 GB."""
    flows = []
    for minute in range(first, last):
        pieces = max(1, -(-octets // 10**9))
        for piece in range(pieces):
            flows += answered(Flow(client, server, minute * MINUTE, 59.9, octets // pieces, 100 + octets // pieces // 1400, 41_000 + piece, **more), 10_000, 100)
    return flows


def scan(ports, step, octets=44, packets=1):
    return [Flow("10.0.0.9", "10.0.0.1", 10 + port * step, 0, octets, packets, 45_000, port, flags="S") for port in range(1, ports + 1)]


def sweep(addresses, answer):
    flows = []
    for i in range(addresses):
        flow = Flow("10.0.0.9", f"198.18.{i // 250}.{i % 250 + 1}", 10 + i * 0.5, 0, 96, 2, 45_000, 445, flags="S")
        flows += answered(flow, 60_000, 50) if answer else [flow]
    return flows


def knock(seconds, per_s, flags):
    return [Flow(f"198.18.{i % 200}.{i // 200 % 250 + 1}", "10.0.0.1", 10 + i / per_s, 0, 44, 1, 1024 + i % 60_000, 80, flags=flags) for i in range(seconds * per_s)]


def amplified(senders, octets):
    """NTP answers to one address, two minutes."""
    return [Flow(f"198.51.100.{sender + 1}", "10.0.0.1", minute * MINUTE, 59, octets, octets // 468, 123, 5353, protocol=17, in_if=2, out_if=1)
            for minute in range(3) for sender in range(senders)]


def dns(client, server, questions):
    return [flow for i in range(questions) for flow in answered(Flow(client, server, 10 + i * 3, 0, 60, 1, 30_000 + i, 53, protocol=17), 120, 1)]


def usual_days(days, factor):
    """A record every five minutes, a little different each time; factor(day, step) multiplies it."""
    flows = []
    for day in range(days):
        for step in range(288):
            flows.append(Flow("10.0.0.1", "198.51.100.7", day * DAY + step * 300 + 1, 298, int(40 * MB * (1 + (day * 7 + step) % 5 / 50) * factor(day, step)), 40_000, 40_000 + step))
    return flows


def two_days_of(talker, also_yesterday):
    flows = [flow for minute in range(0, (2 * DAY + 2 * HOUR) // MINUTE, 10) for flow in answered(Flow("10.0.0.1", "198.51.100.7", minute * MINUTE, 590, 300 * MB, 200_000, 41_000 + minute % 1000), 10_000, 100)]
    if also_yesterday:
        flows.append(Flow(talker, "198.51.100.7", 30 * HOUR, 1, 1000, 2))
    return flows + answered(Flow(talker, "198.51.100.7", 2 * DAY + 60, 480, 900 * MB, 600_000), 1000, 10)


# file: (flows that fire it once, whom it names, flows that do not).
CASES = {
    "port_scan": (background(8) + scan(400, 0.6), "10.0.0.9,10.0.0.1", background(8) + scan(90, 0.6) + [Flow("10.0.0.3", "10.0.0.1", i, 1, 400_000, 400, 45_000, 40_000 + i) for i in range(150)]),
    "sweep": (background(8) + sweep(400, False), "10.0.0.9,445", background(8) + sweep(400, True)),
    "syn_flood": (background(6) + knock(180, 250, "S"), "10.0.0.1,80", background(6) + knock(180, 250, "SAPF")),
    "udp_amplification": (background(6) + amplified(100, 6 * MB), "10.0.0.1", background(6) + amplified(20, 6 * MB) + amplified(100, MB // 20)),
    "dns_strangers": (background(25) + dns("10.2.0.7", "198.51.100.53", 60), "10.2.0.7", background(25) + dns("10.2.0.7", "10.0.0.53", 100) + dns("10.2.0.8", "198.51.100.53", 10)),
    "host_rate": (background(12) + every_minute(2, 9, 4500 * MB), None, background(12) + every_minute(2, 5, 4500 * MB)),
    "interface_quiet": (every_minute(0, 30, 30 * MB, in_if=1, out_if=9) + every_minute(0, 15, 30 * MB, client="10.0.0.2", in_if=2, out_if=9), "192.0.2.1,2",
                        every_minute(0, 30, 30 * MB, in_if=1, out_if=9) + every_minute(0, 30, 30 * MB, client="10.0.0.2", in_if=2, out_if=9)),
    "listed_networks": (background(8) + answered(Flow("10.0.0.1", "203.0.113.66", 10, 5, 5000, 9), 5000, 9), "10.0.0.1,203.0.113.66",
                        background(8) + answered(Flow("10.0.0.1", "100.64.0.1", 10, 5, 5000, 9), 5000, 9) + [Flow("203.0.113.66", "10.0.0.1", 20, 0, 40, 1, flags="S")]),
    "new_top_talker": (two_days_of("10.0.0.66", False), "10.0.0.66", two_days_of("10.0.0.66", True)),
    "unusual_hour": (usual_days(5, lambda day, step: 3 if day == 4 and 150 <= step < 156 else 1), "192.0.2.1",
                     usual_days(5, lambda day, step: 3 if day == 4 and step == 150 else 1)),
    # The speed of an interface comes from the monitor: without one nothing is too much.
    "link_load": (None, None, every_minute(0, 10, 4500 * MB)),
}


class ShippedRules(unittest.TestCase):
    def alerts(self, name, flows):
        with tempfile.TemporaryDirectory() as folder:
            capture, data = Path(folder) / "flows.pcap", Path(folder) / "data"
            write_capture(capture, flows)
            code, report, wrong = import_captures(data, capture)
            self.assertEqual((code, report["records"], report["malformed"]), (0, len(flows), 0), wrong)
            done = subprocess.run([PROGRAM, "rules", "test", str(RULES / f"{name}.lua"), "--data", str(data), "--format", "json"], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            return [alert["key"] for alert in json.loads(done.stdout)["alerts"]]

    def test_each_fires_once_where_it_must_and_not_where_it_must_not(self):
        for name, (firing, key, quiet) in CASES.items():
            with self.subTest(rule=name):
                if firing is not None:
                    keys = self.alerts(name, firing)
                    # Both ends of a transfer move its octets.
                    self.assertEqual(sorted(keys), ["10.0.0.1", "198.51.100.7"] if name == "host_rate" else [key])
                self.assertEqual(self.alerts(name, quiet), [])

    def test_no_rule_is_left_out(self):
        live_only = {"exporter_losing", "exporter_silent"}  # of the exporters' counters, not of flows
        self.assertEqual({path.stem for path in RULES.glob("*.lua")} - live_only, set(CASES))
        self.assertGreater(EPOCH, 0)
