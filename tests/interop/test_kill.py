"""Ends by chance in the middle of a load, clean stops and kill -9: what was committed is there after it, each session once, and
the API and `weir query` say the same. WEIR_KILL_ROUNDS sets how many rounds, WEIR_KILL_SEED which chances."""
import json
import os
import random
import subprocess
import time

from case import InteropCase
from collector import BUILD, PROGRAM, query_totals, wait_until

RATES = (3_000, 100_000, 100_000)  # records per second: a run of the slow one ends before any segment is full
ROUNDS = int(os.environ.get("WEIR_KILL_ROUNDS", "5"))
SEED = int(os.environ.get("WEIR_KILL_SEED", "1"))
COMMITS = 4  # of which some may only seal
MEASURES = ("octets", "packets", "flows", "sessions")


def send(port, seconds, rate, seed):
    return [str(BUILD / "flow_sender"), "--port", str(port), "--records", str(seconds * rate), "--rate", str(rate), "--seed", str(seed)]


def api_totals(collector):
    token = subprocess.run([PROGRAM, "token", "--data", str(collector.data)], capture_output=True, text=True, check=True).stdout.strip()
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "flows.totals", "params": {}})
    said = subprocess.run(["curl", "-s", "-m", "60", "-H", f"Authorization: Bearer {token}", "-d", body, f"http://127.0.0.1:{collector.api_port}/rpc"],
                          capture_output=True, text=True, check=True).stdout
    totals = json.loads(said)["result"]["totals"]
    return {measure: totals[measure] for measure in MEASURES}


def stored_totals(collector):
    totals = query_totals(collector.data)
    return {measure: totals[measure] for measure in MEASURES}


class Kill(InteropCase):
    def test_committed_sessions_survive_stops_and_kills(self):
        chance = random.Random(SEED)
        collector = self.start_collector()
        kept = dict.fromkeys(MEASURES, 0)
        table = {"stop": [0, 0], "kill": [0, 0]}  # how it ended: rounds, sessions committed in them
        last_end = None
        for turn in range(ROUNDS):
            if turn > 0:
                collector.start()
            before = f"round {turn + 1}, after a {last_end}"
            self.assertEqual(stored_totals(collector), kept, f"{before}: weir query beside the collector")
            self.assertEqual(api_totals(collector), kept, f"{before}: the API")
            rate = chance.choice(RATES)
            load_began = time.monotonic()
            load = subprocess.Popen(send(collector.udp_port, 60, rate, turn), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wait_until("the first records", lambda: api_totals(collector)["flows"] > kept["flows"], 60)
                time.sleep(chance.uniform(0, 2))
                received = api_totals(collector)
                commits = self.commits(collector)
                wait_until("what was received to be committed", lambda: self.commits(collector) >= commits + COMMITS, 60)
                committed = stored_totals(collector)
                for measure, count in received.items():
                    self.assertGreaterEqual(committed[measure], count, f"round {turn + 1}: weir query beside the collector, {measure}")
                last_end = chance.choice(sorted(table))
                if last_end == "kill":
                    collector.kill()
                else:
                    self.assertEqual(collector.stop(), 0)
                load_took = time.monotonic() - load_began
            finally:
                load.kill()
                load.wait()
            found = stored_totals(collector)
            print(f"         round {turn + 1}, {last_end} at {rate}/s: {committed['sessions']} sessions of {committed['flows']} records were committed, "
                  f"{found['sessions']} of {found['flows']} are there", flush=True)
            for measure, count in committed.items():
                self.assertGreaterEqual(found[measure], count, f"round {turn + 1}, {last_end}: {measure}")
            # The load sends no faster than at its rate.
            self.assertLessEqual(found["flows"] - kept["flows"], rate * (load_took + 0.5), f"round {turn + 1}, {last_end}")
            table[last_end][0] += 1
            table[last_end][1] += committed["sessions"] - kept["sessions"]
            kept = found
        for end, (rounds, sessions) in table.items():
            print(f"         {end}: {rounds} rounds, {sessions} sessions committed in them, all found", flush=True)
        collector.start()
        sent = json.loads(subprocess.run(send(collector.udp_port, 1, max(RATES), ROUNDS), capture_output=True, check=True).stdout)
        all_flows = kept["flows"] + sent["records"]
        wait_until("the records sent after the last restart", lambda: stored_totals(collector)["flows"] >= all_flows)
        self.assertEqual(collector.stop(), 0)
        totals = stored_totals(collector)
        self.assertEqual(totals["flows"], all_flows)
        self.assertEqual(totals["octets"], kept["octets"] + sent["octets"])
        self.assertEqual(totals["packets"], kept["packets"] + sent["packets"])

    @staticmethod
    def commits(collector):
        return collector.metrics()["weir_store_commits_total"]
