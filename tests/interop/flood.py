#!/usr/bin/env python3
"""Floods against a collector, beside good exporters: `flood.py [--seconds 10] [--after 20] [FLOOD ...]`.

Run by hand: it takes the machine for a while. Everything stays on loopback; the addresses of 127.0.0.0/8 are the senders.
For each flood a fresh collector gets 60 datagrams a second from each of three good exporters (NetFlow v5, v9, IPFIX), and the
flood beside them. In the middle of it a new exporter starts with two datagrams a second. The line of a flood says what
became of them, and what the collector took; below it is what the log and the doctor said.
"""
import argparse
import multiprocessing
import os
import random
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from collector import Collector, PROGRAM, query, still, wait_until

RATE = 60        # datagrams a second of a good exporter
PER_DATAGRAM = 20
OCTETS = 1000    # of every record
GOOD = {"v5": "127.1.0.5", "v9": "127.1.0.9", "ipfix": "127.1.0.10"}
NEWCOMER = "127.1.0.77"


def sender(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    s.bind((address, 0))
    return s


def v5(sequence, records=PER_DATAGRAM, octets=OCTETS):
    uptime = 3_600_000
    head = struct.pack("!HHIIIIBBH", 5, records, uptime, int(time.time()), 0, sequence, 0, 0, 0)
    body = b"".join(struct.pack("!IIIHHIIIIHHBBBBHHBBH", 0x0a000000 + random.getrandbits(16), 0x0a010000 + i, 0, 1, 2, 3, octets, uptime - 1000, uptime - 500,
                                random.getrandbits(16), 443, 0, 16, 6, 0, 0, 0, 0, 0, 0) for i in range(records))
    return head + body


FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4)]


def template(number, fields):
    return struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)


def record(octets=OCTETS):
    return struct.pack("!IIHHBII", 0x0a000000 + random.getrandbits(16), 0x0a010000 + random.getrandbits(8), random.getrandbits(16), 443, 6, octets, 3)


def a_set(number, content):
    return struct.pack("!HH", number, 4 + len(content)) + content


def v9(sequence, *sets, source=0):
    return struct.pack("!HHIIII", 9, len(sets), 3_600_000, int(time.time()), sequence & 0xffffffff, source) + b"".join(sets)


def ipfix(sequence, *sets, domain=0):
    body = b"".join(sets)
    return struct.pack("!HHIII", 10, 16 + len(body), int(time.time()), sequence & 0xffffffff, domain) + body


def paced(seconds, per_second):
    """Yields 0, 1, 2, … at the rate; catches up after a pause."""
    start, n = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        due = int(now * per_second)
        while n <= due:
            yield n
            n += 1
        time.sleep(min(0.02, 1 / per_second))


def send_good(kind, port, seconds, sent, address=None, rate=RATE):
    s = sender(address or GOOD[kind])
    to = ("127.0.0.1", port)
    count = 0
    for n in paced(seconds, rate):
        records = b"".join(record() for _ in range(PER_DATAGRAM)) if kind != "v5" else b""
        layout = [a_set(0 if kind == "v9" else 2, template(300, FIELDS))] if n % rate == 0 else []
        if kind == "v5":
            message = v5(count)
        elif kind == "v9":
            message = v9(n, *layout, a_set(300, records))
        else:
            message = ipfix(count, *layout, a_set(300, records))
        s.sendto(message, to)
        count += PER_DATAGRAM
        sent.value = count


# --- floods: each sends to `port` for `seconds` -----------------------------------------------------------------------

def random_address():
    return f"127.{random.randint(2, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def flood_spoofed(port, seconds):
    """A whole v5 datagram from ever new addresses."""
    message = v5(0, 1)
    for _ in paced(seconds, 20_000):
        with sender(random_address()) as s:
            s.sendto(message, ("127.0.0.1", port))


def flood_returning(port, seconds):
    """Whole v5 datagrams from 5,000 addresses, again and again: they earn their places."""
    addresses = [random_address() for _ in range(5000)]
    for n in paced(seconds, 10_000):
        with sender(addresses[n % len(addresses)]) as s:
            s.sendto(v5(n, 1), ("127.0.0.1", port))


def flood_two_octets(port, seconds):
    """`00 05` from ever new addresses."""
    for _ in paced(seconds, 20_000):
        with sender(random_address()) as s:
            s.sendto(b"\x00\x05", ("127.0.0.1", port))


def templates_of(megabytes, fields, known=True):
    def flood(port, seconds):
        s = sender("127.9.9.9")
        to = ("127.0.0.1", port)
        if known:
            for n in range(3):
                s.sendto(v9(n, a_set(0, template(300, FIELDS)), a_set(300, record())), to)
        one = len(template(256, [(1, 4)] * fields))
        count = min(60_000 // one, 8000)
        size = count * one
        n = 0
        # Few messages, made before: the sender shall not be the slow one.
        made = [v9(n, a_set(0, b"".join(template(256 + i, [((n + i) % 60 + 1, 4)] * fields) for i in range(count)))) for n in range(16)]
        for n in paced(seconds, max(1, megabytes * 1e6 / size)):
            s.sendto(made[n % len(made)], to)
    flood.__doc__ = f"Templates of {fields} fields that change with every datagram, {megabytes} MB/s."
    return flood


def flood_proven_templates(port, seconds):
    """Changed templates, each with a record, 500 datagrams a second."""
    s = sender("127.9.9.9")
    for n in paced(seconds, 500):
        fields = FIELDS + [(n % 50 + 100, 4)]
        sets = [part for i in range(10) for part in (a_set(0, template(300 + i, fields)), a_set(300 + i, record() + b"\0\0\0\0"))]
        s.sendto(v9(n, *sets), ("127.0.0.1", port))


def flood_withdrawals(port, seconds):
    """Withdrawals of all templates in the name of the good IPFIX exporter."""
    s = sender(GOOD["ipfix"])
    for n in paced(seconds, 200):
        s.sendto(struct.pack("!HHIII", 10, 24, int(time.time()), 0, 0) + struct.pack("!HHHH", 2, 8, 2, 0), ("127.0.0.1", port))


def flood_options(port, seconds):
    """Sampling options of ever new selectors."""
    s = sender("127.9.9.9")
    layout = struct.pack("!HHHHHHH", 400, 4, 8, 1, 4, 48, 4) + struct.pack("!HH", 34, 4)
    s.sendto(v9(0, a_set(1, layout), a_set(0, template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    for n in paced(seconds, 2000):
        s.sendto(v9(n, a_set(400, b"".join(struct.pack("!III", 0, random.getrandbits(32), random.getrandbits(30) + 1) for _ in range(100)))), ("127.0.0.1", port))


def flood_one_octet(port, seconds):
    """Records of one octet, 65,000 in a datagram, 19 MB/s."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(256, [(4, 1)]) + template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    message = v9(1, a_set(256, bytes(65_000)))
    for _ in paced(seconds, 300):
        s.sendto(message, ("127.0.0.1", port))


def flood_eight_octets(port, seconds):
    """The shortest records that are stored, 8,000 in a datagram, 19 MB/s."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(256, [(8, 4), (12, 4)]) + template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    made = [v9(1, a_set(256, random.randbytes(65_000))) for _ in range(16)]
    for n in paced(seconds, 300):
        s.sendto(made[n % 16], ("127.0.0.1", port))


def flood_many_fields(port, seconds):
    """Templates of 16,000 fields."""
    s = sender("127.9.9.9")
    message = v9(0, a_set(0, template(256, [(1, 4)] * 16_000)))
    for _ in paced(seconds, 300):
        s.sendto(message, ("127.0.0.1", port))


def flood_rates(port, seconds):
    """A sampling rate made up for every record."""
    s = sender("127.9.9.9")
    fields = FIELDS + [(34, 4)]
    for n in paced(seconds, 500):
        records = b"".join(record() + struct.pack("!I", random.getrandbits(32) | 1) for _ in range(50))
        s.sendto(v9(n, a_set(0, template(300, fields)), a_set(300, records)), ("127.0.0.1", port))


def flood_counters(port, seconds):
    """Counters that no link has."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(301, FIELDS)), a_set(301, record())), ("127.0.0.1", port))
    fields = [(8, 4), (12, 4), (1, 8), (2, 8), (34, 4)]
    for n in paced(seconds, 200):
        values = [(1 << 63, 1, 0), (1 << 56, 1, 0xffffffff), (1 << 55, 1, 1 << 31), (1, 1 << 63, 0), ((1 << 64) - 1, (1 << 64) - 1, 1)]
        records = b"".join(struct.pack("!IIQQI", 1, 2, *v) for v in values)
        s.sendto(v9(n, a_set(0, template(300, fields)), a_set(300, records)), ("127.0.0.1", port))


def flood_waiting(port, seconds):
    """Data without a template."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    made = [v9(n, *[a_set(1000 + n, bytes(8)) for _ in range(5000)]) for n in range(16)]
    for n in paced(seconds, 500):
        s.sendto(made[n % 16], ("127.0.0.1", port))


def flood_nothing(port, seconds):
    """No flood: what the others are held against."""
    time.sleep(seconds)


FLOODS = {
    "none": flood_nothing, "spoofed": flood_spoofed, "returning": flood_returning, "two-octets": flood_two_octets,
    "templates-60k": templates_of(0.06, 1), "templates-600k": templates_of(0.6, 1), "templates-50M": templates_of(50, 512),
    "templates-unknown": templates_of(5, 100, known=False), "proven-templates": flood_proven_templates, "withdrawals": flood_withdrawals,
    "options": flood_options, "one-octet": flood_one_octet, "eight-octets": flood_eight_octets, "many-fields": flood_many_fields,
    "rates": flood_rates, "counters": flood_counters, "waiting": flood_waiting,
}


# --- measuring --------------------------------------------------------------------------------------------------------

def memory(pid, what):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) // 1024
    return 0


def records_of(collector):
    """{address: records} of /metrics."""
    found = {}
    for line in collector.exposition().splitlines():
        match = re.match(r'weir_exporter_records_total\{exporter="([^"]+)".*\} (\S+)', line)
        if match:
            found[match[1]] = int(float(match[2]))
    return found


def run_flood(name, seconds, after, folder):
    flood = FLOODS[name]
    data = folder / name
    data.mkdir()
    collector = Collector(data).start()
    pid = collector.process.pid
    try:
        total = seconds + 6
        sent = {kind: multiprocessing.Value("L", 0) for kind in GOOD}
        good = [multiprocessing.Process(target=send_good, args=(kind, collector.udp_port, total, sent[kind])) for kind in GOOD]
        for p in good:
            p.start()
        time.sleep(3)
        before = memory(pid, "VmRSS")
        bad = multiprocessing.Process(target=flood, args=(collector.udp_port, seconds))
        bad.start()
        time.sleep(seconds / 3)
        newcomer_sent = multiprocessing.Value("L", 0)
        newcomer = multiprocessing.Process(target=send_good, args=("v5", collector.udp_port, seconds, newcomer_sent, NEWCOMER, 2))
        started = time.monotonic()
        newcomer.start()
        accepted = None
        peak = before
        while any(p.is_alive() for p in (*good, bad, newcomer)):
            peak = max(peak, memory(pid, "VmRSS"))
            try:
                if accepted is None and records_of(collector).get(NEWCOMER):
                    accepted = time.monotonic() - started
            except subprocess.CalledProcessError:
                pass  # the API did not answer in time
            time.sleep(0.2)
        wait_until("the queues to be empty", still(lambda: records_of(collector), 2), 120)
        metrics = collector.metrics()
        doctor = subprocess.run([PROGRAM, "console", "--data", str(data), "-c", "doctor"], capture_output=True, text=True, check=False).stdout
        peak = max(peak, memory(pid, "VmHWM"))
        time.sleep(after)
        left = memory(pid, "VmRSS")
        decoded = records_of(collector)
        stopping = time.monotonic()
        code = collector.stop()
        stopped = time.monotonic() - stopping
        rows = query(data, "--by", "exporter", "--limit", "10000")["rows"]
        stored = {row["key"]["exporter"]: row["flows"] for row in rows if row["octets"] == row["flows"] * OCTETS or row["key"]["exporter"] not in GOOD.values()}
        parts = []
        for kind, address in GOOD.items():
            parts.append(f"{kind} {sent[kind].value}/{decoded.get(address, 0)}/{stored.get(address, 0)}")
        verdict = "lossless" if all(sent[k].value == stored.get(a, 0) for k, a in GOOD.items()) else "LOST"
        took = "never" if accepted is None else f"{accepted:.1f} s"
        print(f"{name:18} {verdict:9} sent/decoded/stored {', '.join(parts)}; new exporter after {took} ({newcomer_sent.value}/{stored.get(NEWCOMER, 0)}); "
              f"RSS {before}, peak {peak}, {after} s later {left} MB; exporters {int(metrics['weir_exporters'])}, "
              f"refused records {int(metrics['weir_decode_rejected_total'])}, templates {int(metrics['weir_decode_templates'])}, "
              f"catalog {os.path.getsize(data / 'catalog.sqlite') // 1024} kB; stop {stopped:.1f} s, exit {code}", flush=True)
        for line in collector.log.read_text().splitlines():
            if "[warn" in line or "[error" in line or "warning" in line:
                print("    log:    " + line[:230])
                break
        # Not what it says of every exporter that has no sampling options.
        for line in sorted({line.strip() for line in doctor.splitlines() if line.startswith("  !") and "sampling is unknown" not in line})[:8]:
            print("    doctor: " + line[:230])
        return verdict == "lossless"
    finally:
        collector.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("floods", nargs="*", metavar="FLOOD", help="of " + ", ".join(FLOODS))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--after", type=float, default=20, help="seconds until the memory is looked at again")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="weir-flood-"))
    try:
        good = [run_flood(name, options.seconds, options.after, folder) for name in options.floods or FLOODS]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
