#!/usr/bin/env python3
"""One outage, ten minutes long, and what API and command line say of it: `outage.py`. Run by hand.

Two exporters send to a collector: `edge` (NetFlow v9, sampled, says its rate only after two minutes) and `core` (NetFlow v5).
    0 to 120 s    both send; the rate of edge is not known yet
    120 s         edge announces 1 in 100
    150 s         80 datagrams of core are lost on the way
    180 to 480 s  core is silent
    480 to 510 s  the collector is down; both send on
    510 to 600 s  both send
At the end the totals of the ten minutes stand beside what was sent, and each fault beside the words for it.
"""
import json
import struct
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from collector import PROGRAM, Collector
from flood import FIELDS, OCTETS, a_set, record, sender, template, v5, v9

EDGE, CORE = "127.3.0.1", "127.3.0.2"
RATE, PER_DATAGRAM = 100, 10
OPTIONS = struct.pack("!HHHHHH", 400, 4, 8, 1, 4, 34) + struct.pack("!H", 4) + struct.pack("!HH", 35, 1)


class Exporters:
    def __init__(self, port):
        self.to = ("127.0.0.1", port)
        self.edge, self.core = sender(EDGE), sender(CORE)
        self.edge_sequence = self.core_sequence = 0
        self.sent = {EDGE: 0, CORE: 0}  # flows that reached the port
        self.lost = 0

    def send_edge(self, announce, arrives=True):
        sets = [a_set(0, template(300, FIELDS)), a_set(300, b"".join(record() for _ in range(PER_DATAGRAM)))]
        if announce:
            sets[:0] = [a_set(1, OPTIONS), a_set(400, struct.pack("!IIB", 0, RATE, 2))]
        self.edge.sendto(v9(self.edge_sequence, *sets), self.to)
        self.edge_sequence += 1
        self.sent[EDGE] += PER_DATAGRAM * arrives

    def send_core(self, arrives=True):
        self.core.sendto(v5(self.core_sequence, PER_DATAGRAM), self.to)
        self.core_sequence += PER_DATAGRAM
        self.sent[CORE] += PER_DATAGRAM * arrives

    def lose_core(self, datagrams):
        self.core_sequence += datagrams * PER_DATAGRAM
        self.lost += datagrams * PER_DATAGRAM


def ask(collector, method, params):
    token = subprocess.run([PROGRAM, "token", "--data", str(collector.data)], capture_output=True, text=True, check=True).stdout.strip()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    call = urllib.request.Request(f"http://127.0.0.1:{collector.api_port}/rpc", body, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(call, timeout=30) as answer:
        return json.load(answer)["result"]


def main():
    folder = Path(tempfile.mkdtemp(prefix="weir-outage-"))
    collector = Collector(folder / "data").start()
    exporters = Exporters(collector.udp_port)
    started, begun_ms = time.monotonic(), int(time.time() * 1000)
    lost = down = False
    for tick in range(6000):
        at = tick / 10
        time.sleep(max(0, started + at - time.monotonic()))
        if 480 <= at < 510 and not down:
            collector.stop()
            down = True
        elif at >= 510 and down:
            collector.start()
            down = False
        if at >= 150 and not lost:
            exporters.lose_core(80)
            lost = True
        exporters.send_edge(at >= 120 and tick % 50 == 0, not down)
        if not 180 <= at < 480:
            exporters.send_core(not down)
        if tick % 600 == 0:
            print(f"{at:.0f} s of 600", flush=True)
    time.sleep(3)
    until_ms = int(time.time() * 1000)
    try:
        print("reached the port:", {a: f"{n} flows, {n * OCTETS * (RATE if a == EDGE else 1)} octets" for a, n in exporters.sent.items()}, f"; {exporters.lost} records lost")
        print("in the 30 s of the stop: about", 300 * PER_DATAGRAM, "flows of each were not received")
        for address in (EDGE, CORE):
            answer = ask(collector, "flows.totals", {"range": {"from_ms": begun_ms, "to_ms": until_ms}, "filter": f"exporter {address}"})
            print(f"API, {address}:", json.dumps(answer))
        top = [PROGRAM, "query", "--data", str(collector.data), "--from", str(begun_ms), "--to", str(until_ms), "--by", "exporter"]
        print(subprocess.run([*top, "--format", "table"], capture_output=True, text=True, check=False).stdout)
        print(subprocess.run([PROGRAM, "console", "--data", str(collector.data), "-c", "doctor"], capture_output=True, text=True, check=False).stdout)
        print("kept:", collector.data)
    finally:
        collector.stop()


if __name__ == "__main__":
    main()
