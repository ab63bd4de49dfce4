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
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from collector import Collector, PROGRAM, query, still, wait_until
from floods import FLOODS, GOOD, NEWCOMER, OCTETS, send_good


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
    settings = folder / f"{name}.toml"
    collector = Collector(data, options=["--config", str(settings)])
    settings.write_text(f'[receive]\ntcp_listen = ["127.0.0.1:{collector.udp_port}"]\n')
    collector.start()
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
