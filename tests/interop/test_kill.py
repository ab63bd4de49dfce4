"""kill -9 in the middle of a load: what was committed is there after a restart, and what comes after it is added."""
import json
import subprocess

from case import InteropCase
from collector import BUILD, query_totals, wait_until

RATE = 100_000  # records per second


def send(port, records, seed):
    return [str(BUILD / "flow_sender"), "--port", str(port), "--records", str(records), "--rate", str(RATE), "--seed", str(seed)]


class Kill(InteropCase):
    def test_committed_sessions_survive(self):
        collector = self.start_collector()
        kept = {"octets": 0, "packets": 0, "flows": 0, "sessions": 0}
        for turn in range(3):
            if turn > 0:
                collector.start()
            self.assertEqual(query_totals(collector.data), kept, "after a restart")
            load = subprocess.Popen(send(collector.udp_port, 20 * RATE, turn), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                wanted = kept["flows"] + RATE * (2 + turn)
                committed = wait_until(f"{wanted} committed records", lambda: self.reached(collector, wanted), 60)
                collector.kill()
            finally:
                load.kill()
                load.wait()
            kept = query_totals(collector.data)
            print(f"         killed: {committed['sessions']} sessions of {committed['flows']} records were committed, {kept['sessions']} of {kept['flows']} are there", flush=True)
            for measure, count in committed.items():
                self.assertGreaterEqual(kept[measure], count, measure)
        collector.start()
        sent = json.loads(subprocess.run(send(collector.udp_port, RATE, 9), capture_output=True, check=True).stdout)
        all_flows = kept["flows"] + sent["records"]
        wait_until("the records sent after the last restart", lambda: self.reached(collector, all_flows))
        self.assertEqual(collector.stop(), 0)
        totals = query_totals(collector.data)
        self.assertEqual(totals["flows"], all_flows)
        self.assertEqual(totals["octets"], kept["octets"] + sent["octets"])
        self.assertEqual(totals["packets"], kept["packets"] + sent["packets"])

    @staticmethod
    def reached(collector, flows):
        totals = query_totals(collector.data)
        return totals if totals["flows"] >= flows else None
