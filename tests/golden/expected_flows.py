#!/usr/bin/env python3
"""expected_flows.py CAPTURE PORT: what tshark reads in a capture of export datagrams, as the JSON that the golden test
expects: the flows with their counters, sorted, and the sums. The truth is another program's, not the decoder's."""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml


def without_counts(capture):
    """The capture (Ethernet, IPv4) with the count of v9 headers at its highest: tshark stops reading a datagram there,
    and softflowd's is too low."""
    data = bytearray(pathlib.Path(capture).read_bytes())
    at = 24
    while at < len(data):
        payload = at + 16 + 14 + 20 + 8
        if data[payload:payload + 2] == b"\0\x09":
            data[payload + 2:payload + 4] = b"\xff\xff"
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    return bytes(data)


def is_sflow(capture):
    return pathlib.Path(capture).read_bytes()[24 + 16 + 14 + 20 + 8:][:4] == b"\0\0\0\x05"


def sampled_packets(message):
    """The headers that tshark finds in the flow samples of an sFlow datagram, as flows of one packet."""
    for sample in message.iter("field"):
        if not (sample.get("show") or "").startswith("Flow sample"):
            continue
        values = {}
        for field in sample.iter("field"):
            values.setdefault(field.get("name"), field.get("show"))
        first = lambda *names: next((values[n] for n in names if n in values), None)
        transport = next((t for t in ("tcp", "udp") if f"{t}.srcport" in values), None)
        # Behind extension headers the last next header tells the protocol.
        protocol = [f.get("show") for f in sample.iter("field") if f.get("name") in ("ip.proto", "ipv6.nxt", "ipv6.hopopts.nxt")][-1]
        octets = int(values["ip.len"]) if "ip.len" in values else int(values["ipv6.plen"]) + 40
        yield {"src": first("ip.src", "ipv6.src"), "dst": first("ip.dst", "ipv6.dst"),
               "src_port": int(values[f"{transport}.srcport"]) if transport else 0,
               "dst_port": int(values[f"{transport}.dstport"]) if transport else 0,
               "protocol": int(protocol), "octets": octets, "packets": 1}


port = sys.argv[2]
dissector = "sflow" if is_sflow(sys.argv[1]) else "cflow"
with tempfile.NamedTemporaryFile(suffix=".pcap") as copy:
    copy.write(without_counts(sys.argv[1]))
    copy.flush()
    pdml = subprocess.run(
        ["tshark", "-r", copy.name, "-o", "cflow.max_template_fields:0", "-d", f"udp.port=={port},{dissector}", "-T", "pdml"],
        capture_output=True, check=True).stdout
flows, options, datagrams = [], 0, 0
for packet in xml.fromstring(pdml).iter("packet"):
    for message in packet.iter("proto"):
        if message.get("name") != dissector:
            continue
        datagrams += 1
        if dissector == "sflow":
            flows.extend(sampled_packets(message))
            continue
        for flow in message.iter("field"):
            title = flow.get("show") or ""
            if not (title.startswith("Flow ") or title.startswith("pdu ")):
                continue
            values = {}
            for field in flow.iter("field"):
                values.setdefault(field.get("name"), []).append(field.get("show"))
            first = lambda *names: next((values[n][0] for n in names if n in values), None)
            if first("cflow.srcaddr", "cflow.srcaddrv6") is None:
                options += 1
                continue
            protocol = int(first("cflow.protocol"))
            ports = [int(first(n) or 0) for n in ("cflow.srcport", "cflow.dstport")]
            entry = {"src": first("cflow.srcaddr", "cflow.srcaddrv6"), "dst": first("cflow.dstaddr", "cflow.dstaddrv6"),
                     "src_port": ports[0], "dst_port": ports[1], "protocol": protocol,
                     "octets": int(first("cflow.octets")), "packets": int(first("cflow.packets"))}
            if protocol in (1, 58):  # Weir keeps type and code apart from ports
                entry["src_port"] = entry["dst_port"] = 0
            # A second counter of the same kind is the reverse one of a biflow.
            for name in ("octets", "packets"):
                both = values.get(f"cflow.{name}", []) + values.get(f"cflow.reverse_{name}", [])
                if len(both) > 1:
                    entry[f"reverse_{name}"] = int(both[1])
            flows.append(entry)
flows.sort(key=lambda f: [str(v) for v in f.values()])
total = lambda name: sum(f.get(name, 0) for f in flows)
lines = ",\n  ".join(json.dumps(f) for f in flows)
print("{" + f'"datagrams": {datagrams}, "records": {len(flows)}, "options": {options}, "octets": {total("octets")}, '
      f'"packets": {total("packets")}, "reverse_octets": {total("reverse_octets")}, "reverse_packets": {total("reverse_packets")},\n "flows": [\n  {lines}]' + "}")
