"""Several collectors, one window: a centre asks its peers, and its answers are those of one collector that has all flows. A peer that is
away is named, by the API, `weir query`, the console and the doctor."""
import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from case import InteropCase
from collector import BUILD, PROGRAM, Collector, query, wait_until

RECORDS = 20_000
PLACES = ("berlin", "paris")


def send(collector, seed):
    subprocess.run([str(BUILD / "flow_sender"), "--port", str(collector.udp_port), "--records", str(RECORDS), "--rate", "20000", "--seed", str(seed)],
                   check=True, stdout=subprocess.DEVNULL)


def token_of(collector, *options):
    return subprocess.run([PROGRAM, "token", "--data", str(collector.data), *options], capture_output=True, text=True, check=True).stdout.strip()


def call(collector, method, **params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    said = subprocess.run(["curl", "-s", "-m", "60", "-H", f"Authorization: Bearer {token_of(collector)}", "-d", body, f"http://127.0.0.1:{collector.api_port}/rpc"],
                          capture_output=True, text=True, check=True).stdout
    return json.loads(said)


def console(collector, line):
    return subprocess.run([PROGRAM, "console", "--data", str(collector.data), "-c", line], capture_output=True, text=True, check=False).stdout


def rows_of(answer):
    return [(row["key"], row["octets"], row["packets"], row["flows"], row["sessions"]) for row in answer["rows"]]


class Peers(InteropCase):
    def setUp(self):
        super().setUp()
        self.places = {}
        for number, name in enumerate(PLACES):
            self.places[name] = self.started(Collector(self.folder / name))
            send(self.places[name], 10 + number)
        self.centre = self.started(Collector(self.folder / "centre", options=["--config", str(self.folder / "centre.toml")]), self.peers_of(self.places))
        send(self.centre, 1)
        self.everybody = (self.centre, *self.places.values())
        # Sent to one collector, too: what all of them have.
        self.whole = self.started(Collector(self.folder / "whole"))
        for seed in (1, 10, 11):
            send(self.whole, seed)
        wait_until("all records to be stored", lambda: self.flows(self.whole) == 3 * RECORDS and all(self.flows(c, peers=False) == RECORDS for c in self.everybody), 60)

    def started(self, collector, settings=None):
        if settings is not None:
            (self.folder / "centre.toml").write_text(settings)
        self.addCleanup(collector.end)
        return collector.start()

    def peers_of(self, places, ports=None):
        lines = []
        for name, place in places.items():
            file = self.folder / f"{name}.token"
            file.write_text(token_of(place, "--role", "viewer", "--ttl", "1h") + "\n")
            file.chmod(0o600)
            lines.append(f'"{name} http://127.0.0.1:{(ports or {}).get(name, place.api_port)} {name}.token"')
        return f"[peers]\nask = [{', '.join(lines)}]\ntimeout_ms = 3000\n"

    def wait_for_disk(self):
        """weir query reads what is committed; the API has the newest as well."""
        wait_until("all to be committed", lambda: all(query(c.data)["totals"]["flows"] == flows for c, flows in ((self.whole, 3 * RECORDS), (self.centre, RECORDS))), 20)

    def flows(self, collector, **params):
        return call(collector, "flows.totals", **params)["result"]["totals"]["flows"]

    def test_the_centre_answers_for_all(self):
        for params in ({"by": ["host"], "limit": 10}, {"by": ["client", "server_port"], "limit": 25, "measure": "packets"}, {"by": ["port"], "limit": 5, "buckets": 12},
                       {"by": ["host"], "limit": 3, "buckets": 7, "once": True, "filter": "tcp"}, {"by": ["client"], "order": "asc", "limit": 4, "filter": "port 443"}):
            with self.subTest(params):
                alone, together = call(self.whole, "flows.top", **params)["result"], call(self.centre, "flows.top", **params)["result"]
                self.assertEqual(together["quality"]["away"], [])
                self.assertEqual(together["totals"], alone["totals"])
                if params.get("order") != "asc":
                    self.assertEqual(rows_of(together), rows_of(alone))
                for measure in ("octets", "packets", "flows", "sessions"):
                    self.assertEqual(together["other"][measure], alone["other"][measure])
        newest = [call(c, "flows.sessions", sort="octets", limit=50)["result"] for c in (self.whole, self.centre)]
        self.assertEqual(newest[1]["total_sessions"], newest[0]["total_sessions"])
        self.assertEqual([s["octets"] for s in newest[1]["sessions"]], [s["octets"] for s in newest[0]["sessions"]])
        self.wait_for_disk()
        self.assertEqual(query(self.centre.data, "--config", str(self.folder / "centre.toml"), "--by", "port")["totals"], query(self.whole.data, "--by", "port")["totals"])
        # Without a start: from the first session that anybody has.
        until = query(self.centre.data, "--config", str(self.folder / "centre.toml"), "--by", "port", "--to", str(int(time.time()) + 60))
        self.assertEqual(until["totals"]["flows"], 3 * RECORDS)
        peers = call(self.centre, "status.get")["result"]["peers"]
        self.assertEqual([(p["name"], p["away"], p["failures"]) for p in peers], [("berlin", False, 0), ("paris", False, 0)])
        self.assertIn("2 peers, 0 away", console(self.centre, "peers"))

    def test_a_peer_that_is_away_is_named_and_comes_back(self):
        paris = self.places["paris"]
        paris.stop()
        answer = call(self.centre, "flows.top", by=["host"])["result"]
        self.assertEqual([away["name"] for away in answer["quality"]["away"]], ["paris"])
        self.assertIn("refused", answer["quality"]["away"][0]["why"].lower())
        self.assertEqual(answer["totals"]["flows"], 2 * RECORDS)
        self.assertIn("1 away", console(self.centre, "peers"))
        self.assertIn("the peer paris", console(self.centre, "doctor"))
        table = subprocess.run([PROGRAM, "query", "--data", str(self.centre.data), "--config", str(self.folder / "centre.toml"), "--by", "port"], capture_output=True, text=True, check=True)
        self.assertIn("Not answering: paris", table.stdout)
        csv = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {token_of(self.centre)}",
                              f"http://127.0.0.1:{self.centre.api_port}/export.csv?by=host"], capture_output=True, text=True, check=True)
        self.assertEqual(csv.stdout, "503")
        paris.start()
        self.assertEqual(self.flows(self.centre), 3 * RECORDS)
        self.assertIn("0 away", console(self.centre, "peers"))

    def test_a_token_that_a_peer_does_not_take_is_told(self):
        (self.folder / "paris.token").write_text("nonsense")
        away = call(self.centre, "flows.totals")["result"]["quality"]["away"]
        self.assertEqual(len(away), 1)
        self.assertIn("does not take its token", away[0]["why"])
        self.assertIn("paris.token", console(self.centre, "peers"))

    def test_a_token_that_everybody_can_read_is_not_used(self):
        (self.folder / "paris.token").chmod(0o644)
        away = call(self.centre, "flows.totals")["result"]["quality"]["away"]
        self.assertEqual([one["name"] for one in away], ["paris"])
        self.assertNotIn("paris.token", away[0]["why"])
        self.assertIn("every user can read the token: chmod 600", console(self.centre, "peers"))

    def test_rights_travel_with_the_question(self):
        address = call(self.places["paris"], "exporters.list")["result"]["exporters"][0]["address"]
        both = call(self.centre, "flows.totals", filter=f"exporter {address}")["result"]["totals"]["flows"]
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "flows.totals", "params": {}})
        for exporters, expected in ((address, both), ("192.0.2.77", 0)):
            token = token_of(self.centre, "--exporters", exporters)
            said = subprocess.run(["curl", "-s", "-m", "60", "-H", f"Authorization: Bearer {token}", "-d", body, f"http://127.0.0.1:{self.centre.api_port}/rpc"],
                                  capture_output=True, text=True, check=True).stdout
            self.assertEqual(json.loads(said)["result"]["totals"]["flows"], expected)

    def test_a_peer_that_hangs_is_left_out_in_time(self):
        class Silent(BaseHTTPRequestHandler):
            def do_POST(self):
                time.sleep(20)

            def log_message(self, *_):
                pass

        silent = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
        silent.daemon_threads = True
        threading.Thread(target=silent.serve_forever, daemon=True).start()
        self.addCleanup(silent.shutdown)
        self.centre.stop()
        (self.folder / "centre.toml").write_text(self.peers_of(self.places, {"paris": silent.server_port}))
        self.centre.start()
        began = time.monotonic()
        answer = call(self.centre, "flows.top", by=["host"])["result"]
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual([away["name"] for away in answer["quality"]["away"]], ["paris"])
        self.assertEqual(answer["totals"]["flows"], 2 * RECORDS)

    def test_a_peer_that_is_the_collector_itself_or_another_is_left_out(self):
        self.centre.stop()
        (self.folder / "own.token").write_text(token_of(self.centre))
        (self.folder / "own.token").chmod(0o600)
        berlin, port = self.peers_of({"berlin": self.places["berlin"]}).split("[", 2)[2].split("]")[0], self.places["berlin"].api_port
        (self.folder / "centre.toml").write_text(f'[peers]\nask = [{berlin}, "again http://localhost:{port} berlin.token", "me http://127.0.0.1:{self.centre.api_port} own.token"]\n')
        self.centre.start()
        answer = call(self.centre, "flows.totals")["result"]
        self.assertEqual(answer["totals"]["flows"], 2 * RECORDS)
        self.assertEqual({one["name"]: one["why"].split(";")[0] for one in answer["quality"]["away"]}, {"again": "is the same collector as berlin", "me": "is this collector itself"})

    def test_times_in_the_filter_are_the_askers(self):
        self.wait_for_disk()
        for zone, minutes, flows in (("+09:00", -10, 3 * RECORDS), ("-05:00", 10, 0)):
            shown = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + minutes * 60 + int(zone[:3]) * 3600))
            found = query(self.centre.data, "--config", str(self.folder / "centre.toml"), f"--tz={zone}", "--filter", f"start > {shown}", "--by", "port")
            self.assertEqual(found["totals"]["flows"], flows, zone)

    def test_a_token_that_reaches_few_exporters_is_told(self):
        (self.folder / "paris.token").write_text(token_of(self.places["paris"], "--exporters", "192.0.2.1"))
        answer = call(self.centre, "flows.totals")["result"]
        self.assertEqual(answer["totals"]["flows"], 2 * RECORDS)
        self.assertIn("paris: the token reaches only some of its exporters", answer["warnings"])

    def test_a_peer_is_asked_by_tls_and_its_certificate_is_checked(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], cwd=self.folder, check=True, capture_output=True)
        paris = self.places["paris"]
        paris.stop()
        (self.folder / "paris.toml").write_text('[api]\ntls_certificate = "cert.pem"\ntls_key = "key.pem"\n')
        paris.options = ["--config", str(self.folder / "paris.toml")]
        paris.healthy = lambda: subprocess.run(["curl", "-s", "-f", "-k", "-o", "/dev/null", f"https://127.0.0.1:{paris.api_port}/healthz"], check=False).returncode == 0
        paris.start()
        berlin = self.peers_of({"berlin": self.places["berlin"]}).split("[", 2)[2].split("]")[0]
        for authority, away in (("cert.pem", []), ("", ["paris"])):
            with self.subTest(authority):
                self.centre.stop()
                (self.folder / "centre.toml").write_text(f'[peers]\nask = [{berlin}, "paris https://localhost:{paris.api_port} paris.token {authority}"]\n')
                self.centre.start()
                answer = call(self.centre, "flows.totals")["result"]
                self.assertEqual([one["name"] for one in answer["quality"]["away"]], away)
                self.assertEqual(answer["totals"]["flows"], (3 - len(away)) * RECORDS)
        self.assertIn("TLS", answer["quality"]["away"][0]["why"])
