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

`outage.py --port N` plays the same to a collector that somebody else runs at that port, as `tests/zabbix/run outage` does: both
send until a line comes by standard input, and the ten minutes begin. Standard output has one JSON object a line: `begin`, `stop` and `start` of the
collector, and `end` with what was sent.
"""
import argparse
import json
import select
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from collector import PROGRAM, Collector
from floods import FIELDS, OCTETS, a_set, record, sender, template, v5, v9

EDGE, CORE = "127.3.0.1", "127.3.0.2"
RATE, PER_DATAGRAM, PER_SECOND = 100, 10, 10
OPTIONS = struct.pack("!HHHHHH", 400, 4, 8, 1, 4, 34) + struct.pack("!H", 4) + struct.pack("!HH", 35, 1)
# what comes in by interface 1 and leaves by 2, as the v5 records of `core` have it too
EDGE_FIELDS = [*FIELDS, (10, 2), (14, 2)]
INTERFACES = struct.pack("!HH", 1, 2)
DOWN, UP, SILENT, SPEAKS = 480, 510, 180, 480


class Exporters:
    def __init__(self, port):
        self.to = ("127.0.0.1", port)
        self.edge, self.core = sender(EDGE), sender(CORE)
        self.edge_sequence = self.core_sequence = 0
        self.sent = {EDGE: 0, CORE: 0}  # flows that reached the port
        self.lost = 0

    def send_edge(self, announce, arrives=True):
        sets = [a_set(0, template(300, EDGE_FIELDS)), a_set(300, b"".join(record() + INTERFACES for _ in range(PER_DATAGRAM)))]
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

    def warm_up(self, is_over):
        """Both send, until is_over(); what they sent is forgotten."""
        started, tick = time.monotonic(), 0
        while not is_over():
            self.send_edge(announce=False)
            self.send_core()
            tick += 1
            time.sleep(max(0, started + tick / PER_SECOND - time.monotonic()))
        self.sent = dict.fromkeys(self.sent, 0)

    def play(self, stop, start, progress=lambda at: None):
        """The ten minutes; stop() and start() end and start the collector."""
        started = time.monotonic()
        lost = down = False
        for tick in range(600 * PER_SECOND):
            at = tick / PER_SECOND
            time.sleep(max(0, started + at - time.monotonic()))
            if DOWN <= at < UP and not down:
                stop()
                down = True
            elif at >= UP and down:
                start()
                down = False
            if at >= 150 and not lost:
                self.lose_core(80)
                lost = True
            self.send_edge(at >= 120 and tick % (5 * PER_SECOND) == 0, not down)
            if not SILENT <= at < SPEAKS:
                self.send_core(not down)
            if tick % (60 * PER_SECOND) == 0:
                progress(at)


def ask(collector, method, params):
    token = subprocess.run([PROGRAM, "token", "--data", str(collector.data)], capture_output=True, text=True, check=True).stdout.strip()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    call = urllib.request.Request(f"http://127.0.0.1:{collector.api_port}/rpc", body, {"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(call, timeout=30) as answer:
        return json.load(answer)["result"]


def play_to(port):
    exporters = Exporters(port)

    def say(event, **more):
        print(json.dumps({"event": event, "at_ms": int(time.time() * 1000), **more}), flush=True)

    exporters.warm_up(lambda: select.select([sys.stdin], [], [], 0)[0])
    say("begin", exporters={"edge": EDGE, "core": CORE}, octets_per_s=PER_SECOND * PER_DATAGRAM * OCTETS, rate=RATE)
    exporters.play(lambda: say("stop"), lambda: say("start"))
    say("end", reached=exporters.sent, lost=exporters.lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, help="play to a collector that listens there")
    options = parser.parse_args()
    if options.port:
        play_to(options.port)
        return
    folder = Path(tempfile.mkdtemp(prefix="weir-outage-"))
    collector = Collector(folder / "data").start()
    exporters = Exporters(collector.udp_port)
    begun_ms = int(time.time() * 1000)
    exporters.play(collector.stop, collector.start, lambda at: print(f"{at:.0f} s of 600", flush=True))
    time.sleep(3)
    until_ms = int(time.time() * 1000)
    try:
        print("reached the port:", {a: f"{n} flows, {n * OCTETS * (RATE if a == EDGE else 1)} octets" for a, n in exporters.sent.items()}, f"; {exporters.lost} records lost")
        print("in the 30 s of the stop: about", (UP - DOWN) * PER_SECOND * PER_DATAGRAM, "flows of each were not received")
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
