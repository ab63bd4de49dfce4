#!/usr/bin/env python3
"""make_corpus.py [--check]: the first inputs of the fuzz targets, made of our own recordings in tests/golden/captures.

For a decoder: a row of datagrams in the framing of decode_fuzz.cpp; for the capture reader: small captures as they are.
With --check nothing is written: exit 1 when a file is missing or differs. Files that were added by hand stay as they are.
"""
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = HERE.parent / "golden" / "captures"
NAMES = {1: "netflow_v1", 5: "netflow_v5", 7: "netflow_v7", 9: "netflow_v9", 10: "ipfix", 0: "sflow"}


def payloads(capture):
    """UDP payloads of a pcap of Ethernet and IPv4."""
    data = capture.read_bytes()
    at = 24
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 + 42:at + 16 + size]
        at += 16 + size


if sys.argv[1:] not in ([], ["--check"]):
    sys.exit(__doc__.splitlines()[0])
only_check, stale = sys.argv[1:] == ["--check"], []


def write(folder, name, content):
    if only_check:
        path = HERE / "corpus" / folder / name
        if not path.exists() or path.read_bytes() != content:
            stale.append(f"tests/fuzz/corpus/{folder}/{name}")
        return
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


# sFlow of the kinds that our recordings do not have: each version, expanded samples, records without a header, counters, drops.
def words(*values):
    return struct.pack(f">{len(values)}I", *values)


def opaque(data):
    return words(len(data)) + data + bytes(-len(data) % 4)


def part(kind, data):
    return words(kind, len(data)) + data


AGENT, PEER = words(1, 0xC0000201), words(1, 0xC0000208)
HEADER = bytes.fromhex("020000000002020000000001") + b"\x08\x00" + struct.pack(">BBHHHBBH", 0x45, 0, 1400, 1, 0, 64, 6, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2]) + \
    struct.pack(">HHIIBBHI", 40000, 443, 1, 2, 0x50, 0x12, 100, 0)
HEAD = words(1, 3, 512, 512, 0, 3, 7)
RAW = part(1, words(1, 1418, 4) + opaque(HEADER))
IPV4, IPV6 = words(40, 6, 0xC0000201, 0xC0000202, 1024, 80, 2, 8), words(60, 17) + bytes(range(32)) + words(1024, 53, 0, 0)
GATEWAY = PEER + words(64496, 64510, 64511, 2, 2, 2, 64500, 64501, 1, 1, 64502, 1, 99, 100)
IF_COUNTERS = words(12, 6, 2, 0x540BE400, 1, 3) + bytes(64)
COUNTERS = words(1, 12, 2) + part(1, IF_COUNTERS) + part(2, bytes(52))
SFLOW = {
    "records": [part(1, HEAD + words(4) + RAW + part(1001, words(10, 0, 20, 0)) + part(1002, PEER + words(24, 16)) + part(1003, GATEWAY)),
                part(1, HEAD + words(3) + part(2, words(90) + bytes(20)) + part(3, IPV4) + part(1007, AGENT + PEER)), part(1, HEAD + words(1) + part(4, IPV6))],
    "expanded": [part(3, words(1, 0, 3, 512, 512, 0, 0, 3, 2, 5) + words(1) + RAW), part(4, words(1, 0) + COUNTERS[4:]), part(2, COUNTERS), part(5, bytes(40))],
}
for name, samples in SFLOW.items():
    datagrams = [words(5) + AGENT + words(0, n, 1000 * n, len(samples)) + b"".join(samples) for n in (1, 2, 5)]
    write("sflow", name, b"".join(struct.pack(">BH", 0x40, len(d)) + d for d in datagrams))
for version in (2, 4):
    path = words(2, 64500, 64501) if version == 2 else words(1, 2, 2, 64500, 64501, 1, 99, 100)
    flow = HEAD + words(1, 1, 1418) + opaque(HEADER) + words(5, 1, 10, 0, 20, 0, 2) + PEER + words(24, 16, 3, 64496, 64510, 64511) + path + words(4) + opaque(b"alice") + opaque(b"bob") + \
        words(5, 1) + opaque(b"/index")
    samples = [words(1) + flow, words(2, 9, 3, 30, 2) + bytes(88 + 52), words(1) + HEAD + words(2) + IPV4 + words(0), words(1) + HEAD + words(3) + IPV6 + words(0), words(2, 9, 3, 30, 7) + bytes(28)]
    datagram = words(version) + AGENT + words(1, 1000, len(samples)) + b"".join(samples)
    write("sflow", f"v{version}", struct.pack(">BH", 0x40, len(datagram)) + datagram)


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
if stale:
    sys.exit("run tests/fuzz/make_corpus.py; these are not what it makes: " + ", ".join(stale))
