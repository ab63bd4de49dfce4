"""Flows as NetFlow v5 datagrams in a capture (pcap), for what has to pass the wire: decode, pairing, store."""
import socket
import struct
from dataclasses import dataclass

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}
EPOCH = 1_700_006_400  # an hour's beginning


@dataclass
class Flow:
    source: str
    destination: str
    at: float = 0.0            # start, seconds after EPOCH
    duration: float = 0.0
    octets: int = 100
    packets: int = 1
    source_port: int = 40_000
    destination_port: int = 443
    protocol: int = 6
    flags: str = "SAPF"
    exporter: str = "192.0.2.1"
    in_if: int = 1
    out_if: int = 2


def answered(flow, octets, packets):
    """The flow and its answer."""
    back = Flow(flow.destination, flow.source, flow.at, flow.duration, octets, packets, flow.destination_port, flow.source_port, flow.protocol, flow.flags,
                flow.exporter, flow.out_if, flow.in_if)
    return [flow, back]


def v5_datagram(flows, sequence=0, epoch=EPOCH):
    """Cisco, NetFlow Export Datagram Format, tables B-3 and B-4: the datagram, and when it was sent: as the last of the flows ended. The exporter's
    clock started an hour before. `epoch`: what the flows' times count from."""
    end = max(flow.at + flow.duration for flow in flows)
    sent, uptime = epoch + end, 3_600_000
    def up(at):
        return max(0, int(uptime - (end - at) * 1000))
    head = struct.pack("!HHIIIIBBH", 5, len(flows), uptime, int(sent), int(sent % 1 * 1e9), sequence, 0, 0, 0)
    return head + b"".join(struct.pack(
        "!4s4s4sHHIIIIHHBBBBHHBBH", socket.inet_aton(flow.source), socket.inet_aton(flow.destination), bytes(4), flow.in_if, flow.out_if, flow.packets, flow.octets,
        up(flow.at), up(flow.at + flow.duration), flow.source_port, flow.destination_port, 0, sum(FLAGS[flag] for flag in flow.flags) if flow.protocol == 6 else 0,
        flow.protocol, 0, 0, 0, 0, 0, 0) for flow in flows), sent


def capture_of(datagrams):
    """A capture file, as pcap-savefile(5) has it, of (payload, time sent, exporter): Ethernet, IPv4 and UDP around each."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1)]
    for payload, sent, exporter in datagrams:
        udp = struct.pack("!HHHH", 50_000, 2055, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, socket.inet_aton(exporter), socket.inet_aton("192.0.2.200")) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        parts += struct.pack("<IIII", int(sent), int(sent % 1 * 1e6), len(frame), len(frame)), frame
    return b"".join(parts)


def write_capture(path, flows):
    """One pcap; each exporter's datagrams hold flows that ended within the same second."""
    datagrams, sequences = [], {}
    groups = {}
    for flow in flows:
        groups.setdefault((int(flow.at + flow.duration), flow.exporter), []).append(flow)
    for (_, exporter), group in sorted(groups.items()):
        for first in range(0, len(group), 30):
            part = group[first:first + 30]
            datagrams.append((*v5_datagram(part, sequences.get(exporter, 0)), exporter))
            sequences[exporter] = sequences.get(exporter, 0) + len(part)
    path.write_bytes(capture_of(sorted(datagrams, key=lambda one: one[1])))
