"""Files that are no captures, or only the beginning of one: a clear message, exit 1, and nothing stored."""
import random
import tempfile
import unittest
from pathlib import Path

from collector import import_captures, query_totals
from wire_flows import Flow, capture_of, v5_datagram


def flows_of_second(second):
    return [Flow(f"10.0.0.{1 + number}", "192.0.2.1", at=second, octets=1500, packets=10, source_port=40_000 + number) for number in range(30)]


class DamagedCaptures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "capture.pcap"
        self.data = Path(self.folder.name) / "data"
        self.good = capture_of([(*v5_datagram(flows_of_second(number), 30 * number), "198.51.100.7") for number in range(20)])

    def refused(self, content, *others):
        self.path.write_bytes(content)
        status, _, errors = import_captures(self.data, *others, self.path)
        self.assertEqual(status, 1, errors)
        self.assertIn(self.path.name, errors)
        self.assertLess(len(errors.strip().splitlines()), 6, errors)
        if self.data.exists():
            self.assertEqual(query_totals(self.data), {"octets": 0, "packets": 0, "flows": 0, "sessions": 0})

    def test_whole_capture_is_stored(self):
        self.path.write_bytes(self.good)
        status, report, errors = import_captures(self.data, self.path)
        self.assertEqual(status, 0, errors)
        self.assertEqual((report["datagrams"], report["records"], report["malformed"], report["waiting_for_template"]), (20, 600, 0, 0))
        totals = query_totals(self.data)
        self.assertEqual((totals["octets"], totals["packets"], totals["flows"]), (900_000, 6_000, 600))

    def test_cut_within_a_packet(self):
        self.refused(self.good[:len(self.good) * 2 // 3])

    def test_cut_within_a_packet_header(self):
        self.refused(self.good[:24 + (16 + 42 + 24 + 30 * 48) * 5 + 7])

    def test_cut_within_the_file_header(self):
        self.refused(self.good[:11])

    def test_empty_file(self):
        self.refused(b"")

    def test_random_file(self):
        self.refused(random.Random(5).randbytes(200_000))

    def test_good_capture_beside_a_cut_one(self):
        good = Path(self.folder.name) / "good.pcap"
        good.write_bytes(self.good)
        self.refused(self.good[:-100], good)

    def test_missing_file(self):
        status, _, errors = import_captures(self.data, self.path)
        self.assertEqual(status, 1, errors)
        self.assertIn(self.path.name, errors)
