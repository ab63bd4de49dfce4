"""What others count in the same datagrams: tshark's decoding of a capture, softflowd's own statistics."""
import re
import struct
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path


def sums(octets=0, packets=0, flows=0):
    return {"octets": octets, "packets": packets, "flows": flows}


def of_answer(measures):
    """The three measures that every counter has, of an answer of `weir query`."""
    return {name: measures[name] for name in ("octets", "packets", "flows")}


def with_open_counts(capture):
    """The bytes of a capture (Ethernet, no VLAN tag, no IP options) in which every NetFlow v9 header counts 65535 records. softflowd's
    count is lower than what it sends, and tshark stops at the count where it should follow the lengths of the sets."""
    data = bytearray(Path(capture).read_bytes())
    at = 24  # pcap file header; then 16 bytes before each packet
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 8)[0]
        packet = at + 16
        ip_header = {0x0800: 20, 0x86DD: 40}[struct.unpack_from(">H", data, packet + 12)[0]]
        payload = packet + 14 + ip_header + 8
        if struct.unpack_from(">H", data, payload)[0] == 9:
            struct.pack_into(">H", data, payload + 2, 0xFFFF)
        at = packet + size
    return data


def tshark_fields(capture, port, *fields, dissector="cflow"):
    """One row per datagram: for each field the list of its values, in the order of the records."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as opened:
        opened.write(with_open_counts(capture))
        opened.flush()
        command = ["tshark", "-n", "-r", opened.name, "-d", f"udp.port=={port},{dissector}", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=;"]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return [[column.split(";") if column else [] for column in line.split("\t")] for line in done.stdout.splitlines()]


def tshark_totals(capture, port):
    totals = sums()
    for octets, packets in tshark_fields(capture, port, "cflow.octets", "cflow.packets"):
        totals["octets"] += sum(map(int, octets))
        totals["packets"] += sum(map(int, packets))
        totals["flows"] += len(octets)
    return totals


def sampled_packets(capture, port):
    """The octets of each IP packet whose header an sFlow sample holds. The first header of a datagram is its own."""
    packets = []
    for v4, v6, samples in tshark_fields(capture, port, "ip.len", "ipv6.plen", "sflow_245.header_protocol", dissector="sflow"):
        sampled = [int(octets) for octets in v4[1:]] + [int(octets) + 40 for octets in v6]
        if len(sampled) != len(samples):
            raise AssertionError(f"{len(samples)} samples in a datagram, {len(sampled)} IP headers")
        packets += sampled
    return packets


def packets_on_wire(capture):
    """The octets of each IP packet of a capture of Ethernet."""
    done = subprocess.run(["tshark", "-n", "-r", str(capture), "-T", "fields", "-E", "occurrence=f", "-e", "ip.len", "-e", "ipv6.plen"], capture_output=True, text=True, check=True)
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return [int(v4) if v4 else int(v6) + 40 for v4, v6 in lines if v4 or v6]


def tshark_datagrams(capture):
    done = subprocess.run(["tshark", "-n", "-r", str(capture), "-T", "fields", "-e", "frame.number"], capture_output=True, text=True, check=True)
    return len(done.stdout.split())


def softflowd_statistics(text):
    """(totals, {protocol number: octets}) of `softflowctl statistics`. flows are the records that it sent."""
    exported = re.search(r"Flows exported: \d+ \((\d+) records\) in \d+ packets \((\d+) failures\)", text)
    if not exported or exported.group(2) != "0":
        raise AssertionError(f"softflowd could not export all, or says it in an unknown way:\n{text}")
    totals, octets_by_protocol = sums(flows=int(exported.group(1))), defaultdict(int)
    for protocol, octets, packets in re.findall(r"^\s*\S+ \((\d+)\):\s+(\d+)\s+(\d+)\s", text.split("Per-protocol statistics:")[1], re.M):
        totals["octets"] += int(octets)
        totals["packets"] += int(packets)
        octets_by_protocol[int(protocol)] += int(octets)
    return totals, dict(octets_by_protocol)


def softflowd_packets_seen(text):
    """(packets that it took into flows, packets that it left out by sampling) of `softflowctl statistics`."""
    taken, left_out = re.search(r"Packets processed: (\d+)", text), re.search(r"Packets non-sampled: (\d+)", text)
    return int(taken.group(1)), int(left_out.group(1)) if left_out else 0
