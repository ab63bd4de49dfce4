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
