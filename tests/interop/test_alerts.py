"""Alerts of the running collector: hostile rules under load, and messages that arrive over kill -9 and outages."""
import email
import email.policy
import hashlib
import hmac
import json
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from alert_receivers import HttpReceiver, TcpReceiver, UdpReceiver, make_mail_program, parse_syslog, zabbix_answer, zabbix_values
from collector import BUILD, PROGRAM, Collector, free_port, query_totals, still, wait_until
from wire_flows import Flow, v5_datagram

TIMING = "lateness_ms = 5000\nlate_ms = 0\nmax_retry_ms = 1000\nmessages_per_minute = 10000\n"

# Bodies of `when`; each must be stopped, by instructions, time or memory.
HOSTILE = {
    "endless_loop": "while true do end",
    "goto_again": "::again:: goto again",
    "endless_text": "local s = 'x' while true do s = s .. s end",
    "repeated_text": "return string.rep('x', 1 << 40)",
    "copies_of_nothing": "while true do string.rep('', 1 << 62) end",
    "deep_recursion": "local function f() return 1 + f() end return f()",
    "recursion_of_coroutines": "local function f() coroutine.resume(coroutine.create(f)) end while true do f() end",
    "coroutines": "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "swallowed_errors": "while true do pcall(function() while true do end end) end",
    "handler_loops": "return xpcall(function() while true do end end, function() while true do end end)",
    "pattern": "return ('a'):rep(100000):find('.-.-.-.-b')",
    "many_patterns": "local s = ('a'):rep(300) while true do pcall(s.find, s, '.-.-b') end",
    "plain_search": "return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b', 1, true)",
    "balanced": "return ('('):rep(1e6):find('%b()')",
    "moved_nothing": "table.move({}, 1, 1 << 62, 2)",
    "sorted_texts": "local s, t = ('\\0'):rep(1e6) .. 'a', {} for i = 1, 1e4 do t[i] = s end while true do table.sort(t) end",
    "huge_table": "local t = {} for i = 1, 1e9 do t[i] = i end",
    "endless_callback": "return ('x'):gsub('', function() while true do end end)",
    "wide_format": "while true do string.format('%99.99f', 1e300) end",
    "too_wide_format": "return string.format('%1000000000d', 1)",
    "closed": "local x <close> = {}",
    "metatable": "return setmetatable({}, {})",
    "metatable_of_texts": "return getmetatable('').__index",
    "error_value": "error({ message = 'x' })",
    "the_past_for_ever": "local n = 1 while true do n = n % 30000 + 1 ctx.previous(n) end",
}


def rule(name, when, rest="", query="by = 'client', window = '2s', every = '2s'"):
    return f"weir.rule {{ name = '{name}', query = {{ {query} }}, {rest}\n  when = {when} }}\n"


def just_now(clients):
    """One NetFlow v5 datagram: a flow of 60 kB from each client."""
    return v5_datagram([Flow(client, "198.51.100.7", octets=60_000, packets=60) for client in clients], epoch=time.time())[0]


class AlertCase(unittest.TestCase):
    def begin(self, rules, settings):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "rules").mkdir()
        for name, text in rules.items():
            (self.folder / "rules" / f"{name}.lua").write_text(text)
        config = self.folder / "weir.toml"
        config.write_text(f'[alert]\nrules = "{self.folder / "rules"}"\n{TIMING}{settings}')
        self.collector = Collector(self.folder / "data", options=["--config", str(config)])

    def rpc(self, method, **params):
        token = subprocess.run([PROGRAM, "token", "--data", str(self.collector.data)], capture_output=True, text=True, check=True).stdout.strip()
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        said = subprocess.run(["curl", "-s", "-m", "60", "-H", "@-", "-d", body, f"http://127.0.0.1:{self.collector.api_port}/rpc"],
                              capture_output=True, text=True, check=True, input=f"Authorization: Bearer {token}\n").stdout
        return json.loads(said)

    def alerts(self, name):
        return [alert for alert in self.rpc("alerts.list", limit=1000)["result"]["alerts"] if alert["rule"] == name]

    def send(self, clients):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            for first in range(0, len(clients), 30):
                exporter.sendto(just_now(clients[first:first + 30]), ("127.0.0.1", self.collector.udp_port))


class HostileRules(AlertCase):
    def test_are_stopped_and_named_while_nothing_is_lost(self):
        rules = {name: rule(name, f"function(row, ctx)\n    {body}\n  end") for name, body in HOSTILE.items()}
        rules["zz_good"] = rule("good", "{ octets = 1 }")
        rules["many_groups"] = rule("many groups", "{ distinct = '>1000000000' }", query="by = { 'client', 'server', 'client_port' }, distinct = 'server_port', window = '10s', every = '2s'")
        self.begin(rules, "evaluation_ms = 500\n")
        self.collector.start()
        self.addCleanup(self.collector.kill)
        rate, records = 20_000, 600_000
        load = subprocess.Popen([str(BUILD / "flow_sender"), "--port", str(self.collector.udp_port), "--records", str(records), "--rate", str(rate)], stdout=subprocess.PIPE, text=True)

        def all_failed():
            known = {r["name"]: r for r in self.rpc("rules.list")["result"]["rules"]}
            failed = [name for name in HOSTILE if known[name]["failures"] > 0]
            return known if len(failed) == len(HOSTILE) else None

        try:
            known = wait_until("each hostile rule to fail", all_failed, 120)
        except TimeoutError:
            self.fail(f"not stopped: {[r['name'] for r in self.rpc('rules.list')['result']['rules'] if r['name'] in HOSTILE and not r['failures']]}")
        sent = json.loads(load.communicate(timeout=120)[0])
        wait_until("the last records", still(lambda: self.collector.metrics()["weir_exporter_records_total"]), 60)
        for name in HOSTILE:
            with self.subTest(rule=name):
                self.assertRegex(known[name]["error"], rf"{name}\.lua:[0-9]+:")
                self.assertGreater(known[name]["backed_off_until_ms"], 0)
                print(f"         {known[name]['error'].split('/')[-1][:140]}", flush=True)
        self.assertTrue(self.alerts("good"), "the rule that is in order")
        self.assertEqual(known["good"]["failures"], 0)
        metrics = self.collector.metrics()
        losses = {name: value for name, value in metrics.items() if value and ("drop" in name or "lost" in name)}
        self.assertEqual((metrics["weir_exporter_records_total"], losses), (sent["records"], {}))
        self.assertEqual(self.collector.stop(), 0)
        self.assertEqual(query_totals(self.collector.data)["flows"], sent["records"])


class Delivery(AlertCase):
    def setUp(self):
        self.ports = {name: free_port(socket.SOCK_STREAM) for name in ("http", "zabbix", "syslog")}
        self.udp = UdpReceiver()
        self.addCleanup(self.udp.close)

    def prepare(self, rules):
        mail_folder = tempfile.TemporaryDirectory()
        self.addCleanup(mail_folder.cleanup)
        self.mail_program, self.mails = make_mail_program(mail_folder.name)
        secret = Path(mail_folder.name) / "secret"
        secret.write_text("a secret\n")
        self.begin(rules, f'webhooks = ["http://127.0.0.1:{self.ports["http"]}/in"]\nwebhook_secret_file = "{secret}"\n'
                          f'zabbix_server = "127.0.0.1:{self.ports["zabbix"]}"\n'
                          f'syslog = ["udp://127.0.0.1:{self.udp.port}", "tcp://127.0.0.1:{self.ports["syslog"]}"]\n'
                          f'mail_to = ["noc@example.org"]\nmail_program = "{self.mail_program}"\n')

    def open_receivers(self):
        self.http = HttpReceiver(self.ports["http"])
        self.zabbix = TcpReceiver(self.ports["zabbix"], zabbix_answer)
        self.syslog = TcpReceiver(self.ports["syslog"])
        for receiver in (self.http, self.zabbix, self.syslog):
            self.addCleanup(receiver.close)

    def test_kill_between_firing_and_delivery_and_an_outage(self):
        hostile = r"""message = function(row) return row.client .. '\r\nBcc: x@example.org\r\n\r\n<11>1 - - - forged "]\\ \xff|0|||' end, clear_after = '1h',"""
        self.prepare({"r": rule("r", "{ octets = '>50k' }", hostile)})
        # Taken, but never confirmed: the collector dies while it waits for the answer.
        stuck = HttpReceiver(self.ports["http"], status=None)
        self.collector.start()
        self.send(["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        wait_until("a message on its way", lambda: stuck.posts, 30)
        self.collector.kill()
        stuck.close()
        first_number = stuck.posts[0][0]["X-Weir-Delivery"]
        self.collector.start()
        self.addCleanup(self.collector.kill)
        fired = {alert["id"]: alert for alert in self.alerts("r")}
        self.assertEqual(sorted(alert["key"] for alert in fired.values()), ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        # Nobody is there: tries fail, and the messages stay.
        wait_until("failed tries", lambda: all(t["failures"] >= 3 for t in self.rpc("rules.list")["result"]["targets"] if t["name"] in ("zabbix", "webhook 1", "syslog 2")), 30)
        self.open_receivers()
        wait_until("an empty queue", lambda: self.rpc("rules.list")["result"]["messages"]["waiting"] == 0, 30)

        opened = [body for body in self.http.accepted() if body["event"] == "opened"]
        self.assertEqual(sorted(body["id"] for body in opened), sorted(fired))
        self.assertIn(first_number, [headers["X-Weir-Delivery"] for headers, _ in self.http.posts], "the same message has the same number")
        for headers, body in self.http.posts:
            signature = hmac.new(b"a secret", headers["X-Weir-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
            self.assertEqual(headers["X-Weir-Signature"], "sha256=" + signature)
        values = zabbix_values(self.zabbix.received)
        self.assertEqual(sorted(value.split("|")[0] for value in values), sorted(fired))
        self.assertEqual([value.count("|") for value in values], [4] * len(fired))
        by_tcp = []
        for data in self.syslog.received:
            length, line = data.split(b" ", 1)
            self.assertEqual(int(length), len(line), "RFC 6587 3.4.1")
            by_tcp.append(parse_syslog(line))
        self.assertEqual(sorted(message["id"] for message in by_tcp), sorted(fired))
        # By UDP and mail there was somebody all the time: once, or twice when the kill came before the note of it.
        by_udp = [parse_syslog(message) for message in self.udp.messages]
        self.assertEqual({message["id"] for message in by_udp}, set(fired))
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in self.mails.glob("*.mail")]
        self.assertEqual({mail["X-Weir-Id"] for mail in mails}, set(fired))
        for mail in mails:
            self.assertIsNone(mail["Bcc"])
            self.assertEqual((mail["To"], mail.defects), ("noc@example.org", []))

        # The test button: each place takes a message.
        for name in ("webhook 1", "zabbix", "syslog 1", "syslog 2", "mail"):
            with self.subTest(target=name):
                self.assertNotIn("error", self.rpc("alerts.test_target", name=name))
        self.assertIn("there are", json.dumps(self.rpc("alerts.test_target", name="pager")))
        self.assertEqual(self.http.accepted()[-1]["rule"], "test")

    def test_each_opens_and_closes_once_around_two_kills(self):
        self.prepare({"r": rule("r", "{ octets = '>50k' }")})
        self.collector.start()
        self.addCleanup(self.collector.kill)
        self.send(["10.0.0.1", "10.0.0.2", "10.0.0.3"])
        wait_until("alerts that fire", lambda: len(self.alerts("r")) == 3, 30)
        self.collector.kill()
        self.collector.start()
        ids = {alert["id"] for alert in self.alerts("r")}
        self.assertEqual(len(ids), 3)
        wait_until("the alerts to be over", lambda: self.rpc("alerts.list")["result"]["firing"] == 0, 60)
        # What ended waits, too.
        self.collector.kill()
        self.open_receivers()
        self.http.status = 503
        self.collector.start()
        wait_until("messages that are refused for now", lambda: len(self.http.posts) >= 2, 30)
        self.http.status = 204
        wait_until("an empty queue", lambda: self.rpc("rules.list")["result"]["messages"]["waiting"] == 0, 60)

        events = {}
        for headers, body in self.http.posts:
            message = json.loads(body)
            numbers = events.setdefault(message["id"], {}).setdefault(message["event"], set())
            numbers.add(headers["X-Weir-Delivery"])
        self.assertEqual(set(events), ids)
        for told in events.values():
            self.assertEqual([(event, len(numbers)) for event, numbers in told.items()], [("opened", 1), ("closed", 1)])
        values = {}
        for value in zabbix_values(self.zabbix.received):
            values.setdefault(value.split("|")[0], []).append(value.split("|")[1])
        self.assertEqual(values, {alert: ["1", "0"] for alert in ids})

    def test_five_hundred_at_once_are_one_message(self):
        self.prepare({"r": rule("r", "{ octets = '>50k' }", "clear_after = '1h',", query="by = 'client', window = '30s', every = '30s'")})
        self.open_receivers()
        self.collector.start()
        self.addCleanup(self.collector.kill)
        # Within one window of half a minute: not over its edge.
        wait_until("the beginning of a window", lambda: time.time() % 30 < 20, 15)
        self.send([f"10.0.{n // 250}.{n % 250 + 1}" for n in range(500)])
        wait_until("the alerts", lambda: len(self.alerts("r")) >= 500, 60)
        wait_until("an empty queue", lambda: self.rpc("rules.list")["result"]["messages"]["waiting"] == 0, 30)
        posts = self.http.accepted()
        self.assertEqual(len(posts), 1, posts[:3])
        self.assertIn("500 at once", posts[0]["message"])


if __name__ == "__main__":
    unittest.main()
