"""Files that are no captures, or only the beginning of one: a clear message, exit 1, and nothing stored."""
import random
import struct
import tempfile
import unittest
from pathlib import Path

from collector import import_captures, query_totals

V5_HEADER = struct.Struct(">HHIIIIBBH")                # Cisco, NetFlow Export Datagram Format, table B-3
V5_RECORD = struct.Struct(">4s4s4sHHIIIIHHxBBBHHBBxx")  # table B-4
START = 1_700_000_000                                   # seconds UTC


def v5_datagram(sequence, records):
    header = V5_HEADER.pack(5, records, 100_000, START + sequence, 0, sequence, 0, 0, 0)
    return header + b"".join(
        V5_RECORD.pack(bytes([10, 0, 0, 1 + number]), bytes([192, 0, 2, 1]), bytes(4), 1, 2, 10, 1500, 90_000, 95_000, 40_000 + number, 443, 0x1b, 6, 0, 0, 0, 24, 24)
        for number in range(records))


def pcap(datagrams):
    """A capture file: Ethernet, IPv4, UDP around each datagram, as libpcap's pcap-savefile(5) has it."""
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, payload in enumerate(datagrams):
        udp = struct.pack(">HHHH", 50_000, 2055, 8 + len(payload), 0) + payload
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([198, 51, 100, 7]), bytes([198, 51, 100, 1])) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        data += struct.pack("<IIII", START + number, 0, len(frame), len(frame)) + frame
    return data


class DamagedCaptures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "capture.pcap"
        self.data = Path(self.folder.name) / "data"
        self.good = pcap([v5_datagram(30 * number, 30) for number in range(20)])

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
