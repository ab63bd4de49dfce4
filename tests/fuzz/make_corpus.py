#!/usr/bin/env python3
"""make_corpus.py: the first inputs of the fuzz targets, made of our own recordings in tests/golden/captures. For a
decoder: a row of datagrams in the framing of decode_fuzz.cpp; for the capture reader: small captures as they are."""
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = HERE.parent / "golden" / "captures"
NAMES = {1: "netflow_v1", 5: "netflow_v5", 7: "netflow_v7", 9: "netflow_v9", 10: "ipfix"}


def payloads(capture):
    """UDP payloads of a pcap of Ethernet and IPv4."""
    data = capture.read_bytes()
    at = 24
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 + 42:at + 16 + size]
        at += 16 + size


def write(folder, name, content):
    (HERE / "corpus" / folder).mkdir(parents=True, exist_ok=True)
    (HERE / "corpus" / folder / name).write_bytes(content)


for capture in sorted(CAPTURES.glob("*-*.pcap")):
    datagrams = list(payloads(capture))
    version = struct.unpack_from(">H", datagrams[0])[0]
    framed = [struct.pack(">BH", 0x40, len(d)) + d for d in datagrams]
    write(NAMES[version], capture.stem, b"".join(framed))
    # The data before its templates, and another port for every datagram.
    write(NAMES[version], capture.stem + "-reversed", b"".join(struct.pack(">BH", (i & 3) << 2, len(d)) + d for i, d in enumerate(reversed(datagrams))))
    write("capture", capture.stem, capture.read_bytes())


def ethernet(kind, rest):
    return bytes.fromhex("020000000002020000000001") + struct.pack(">H", kind) + rest


def ipv4(protocol, rest, fragment=0):
    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(rest), 1, fragment, 64, protocol, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + rest


def ipv6(protocol, rest):
    return struct.pack(">IHBB", 6 << 28, len(rest), protocol, 64) + bytes.fromhex("20010db8" + "00" * 11 + "01") * 2 + rest


TCP, UDP = struct.pack(">HHIIBBHI", 40000, 443, 1, 2, 0x50, 0x12, 100, 0), struct.pack(">HHHH", 53, 40000, 8, 0)
FRAMES = {
    "tcp": ethernet(0x0800, ipv4(6, TCP)),
    "tags": ethernet(0x88A8, b"\x00\x64\x81\x00\x00\xc8\x08\x00" + ipv4(17, UDP)),
    "labels": ethernet(0x8847, struct.pack(">II", 16001 << 12, 24 << 12 | 0x100) + ipv6(17, UDP)),
    "extensions": ethernet(0x86DD, ipv6(0, bytes([60, 0] + [0] * 6) + bytes([44, 1] + [0] * 14) + bytes([58, 0, 0, 1, 0, 0, 0, 9, 128, 0]))),
    "fragment": ethernet(0x0800, ipv4(17, UDP, 0x00B9)),
    "packet": ipv4(1, b"\x08\x00"),
    "layer2": ethernet(0x88F7, bytes(44)),
}
for name, frame in FRAMES.items():
    write("packet", name, frame)
