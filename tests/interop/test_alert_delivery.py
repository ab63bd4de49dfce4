"""Alerts reach webhook, Zabbix, syslog and mail once they can: the collector is killed between firing and delivery, the
targets are down, refuse and come back; in the end each alert has opened and closed once at each of them."""
import hashlib
import hmac
import http.server
import json
import re
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from collector import BUILD, PROGRAM, Collector, free_port, wait_until

SECRET = "a secret of this test, long enough"
SOURCES = 3
# One line of RFC 5424, with structured data, as a strict receiver reads it.
SYSLOG = re.compile(r"^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) "
                    r'((?:\[[^ =\]"]{1,32}(?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\])+|-)(?: (.*))?$', re.S)


class Webhook(http.server.BaseHTTPRequestHandler):
    """Refuses the first three with 503, then takes every message."""
    taken, refused = [], 0

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if Webhook.refused < 3:
            Webhook.refused += 1
            self.send_response(503)
        else:
            Webhook.taken.append((dict(self.headers), body))
            self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Trapper(socketserver.BaseRequestHandler):
    """Zabbix's side of the sender protocol: header ZBXD 1, length in 8 bytes, JSON."""
    values = []

    def handle(self):
        head = self.request.recv(13, socket.MSG_WAITALL)
        length = struct.unpack("<Q", head[5:])[0]
        data = json.loads(self.request.recv(length, socket.MSG_WAITALL))["data"]
        Trapper.values += data
        answer = json.dumps({"response": "success", "info": f"processed: {len(data)}; failed: 0; total: {len(data)}; seconds spent: 0.00001"}).encode()
        self.request.sendall(b"ZBXD\x01" + struct.pack("<Q", len(answer)) + answer)


class AlertDelivery(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.ports = {name: free_port(socket.SOCK_STREAM) for name in ("webhook", "trapper")}
        self.syslog = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.syslog.bind(("127.0.0.1", 0))
        self.syslog.settimeout(0.05)
        self.addCleanup(self.syslog.close)
        self.mails = self.folder / "mails"
        self.mails.mkdir()
        sendmail = self.folder / "sendmail"
        sendmail.write_text(f'#!/bin/sh\nexec cat >"$(mktemp {self.mails}/XXXXXX)"\n')
        sendmail.chmod(0o755)
        secret = self.folder / "webhook.secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        rules = self.folder / "rules"
        rules.mkdir()
        (rules / "busy.lua").write_text("weir.rule { name = 'busy', severity = 'high', query = { by = 'exporter', window = '5s', every = '5s' },\n"
                                        "  when = { octets = '>0' }, message = '{exporter} sends\\nBcc: x@example.org' }\n")
        settings = self.folder / "weir.toml"
        settings.write_text(f'[alert]\nrules = "{rules}"\nlateness_ms = 1000\nlate_ms = 0\nmax_retry_ms = 1000\nmessages_per_minute = 6000\n'
                            f'webhooks = ["http://127.0.0.1:{self.ports["webhook"]}/in"]\nwebhook_secret_file = "{secret}"\n'
                            f'zabbix_server = "127.0.0.1:{self.ports["trapper"]}"\nsyslog = ["udp://127.0.0.1:{self.syslog.getsockname()[1]}"]\n'
                            f'mail_to = ["noc@example.org"]\nmail_program = "{sendmail}"\n'
                            'disable = ["SYN flood", "UDP amplification", "exporter losing", "exporter silent", "interface drop to zero", "link load", "new top talker", "port scan", '
                            '"sweep", "unusual for this hour"]\n')
        self.collector = Collector(self.folder / "data", options=["--config", str(settings)])
        self.addCleanup(self.collector.stop)

    def call(self, method, params=None):
        token = subprocess.run([PROGRAM, "token", "--data", str(self.collector.data)], capture_output=True, text=True, check=True).stdout.strip()
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}})
        said = subprocess.run(["curl", "-s", "-m", "10", "-H", f"Authorization: Bearer {token}", "-d", body, f"http://127.0.0.1:{self.collector.api_port}/rpc"],
                              capture_output=True, text=True, check=True).stdout
        return json.loads(said)["result"]

    def serve(self, server_class, port, handler):
        server_class.allow_reuse_address = True
        server = server_class(("127.0.0.1", port), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def syslog_lines(self):
        lines = []
        try:
            while True:
                lines.append(self.syslog.recv(65536).decode())
        except TimeoutError:
            return lines

    def waiting(self):
        return self.call("rules.list")["messages"]["waiting"]

    def test_each_alert_opens_and_closes_once_at_every_target(self):
        self.collector.start()
        subprocess.run([str(BUILD / "flow_sender"), "--port", str(self.collector.udp_port), "--records", "3000", "--rate", "1000", "--sources", str(SOURCES)],
                       capture_output=True, check=True)
        wait_until("alerts that fire", lambda: len(self.call("alerts.list")["alerts"]) >= SOURCES, 30)
        # Fired, kept, and not delivered: nobody listens at two of the targets.
        self.collector.kill()
        fired = {}
        self.collector.start()
        wait_until("messages that wait for their targets", lambda: self.waiting() >= SOURCES)
        for alert in self.call("alerts.list")["alerts"]:
            fired[alert["id"]] = alert["exporter"]
        self.assertEqual(len(set(fired.values())), SOURCES)
        wait_until("the alerts to be over", lambda: self.call("alerts.list")["firing"] == 0, 40)
        # Once more: what ended waits, too.
        self.collector.kill()
        self.serve(http.server.ThreadingHTTPServer, self.ports["webhook"], Webhook)
        self.serve(socketserver.ThreadingTCPServer, self.ports["trapper"], Trapper)
        self.collector.start()
        wait_until("everything to be delivered", lambda: self.waiting() == 0, 60)
        ids = {alert["id"] for alert in self.call("alerts.list")["alerts"]}
        self.assertTrue(ids.issuperset(fired))

        with self.subTest("webhook"):
            self.assertEqual(Webhook.refused, 3)
            seen = {}
            for headers, body in Webhook.taken:
                signed = headers["X-Weir-Timestamp"].encode() + b"." + body
                self.assertEqual(headers["X-Weir-Signature"], "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest())
                message = json.loads(body)
                seen.setdefault(message["id"], []).append((message["event"], headers["X-Weir-Delivery"]))
            self.assertEqual({alert: [event for event, _ in events] for alert, events in seen.items()}, {alert: ["opened", "closed"] for alert in ids})

        with self.subTest("zabbix"):
            seen = {}
            for value in Trapper.values:
                self.assertEqual((value["host"], value["key"]), ("Weir", "weir.alert"))
                alert, opens = value["value"].split("|")[:2]
                seen.setdefault(alert, []).append(opens)
            self.assertEqual(seen, {alert: ["1", "0"] for alert in ids})

        with self.subTest("syslog"):
            lines = self.syslog_lines()
            for line in lines:
                self.assertRegex(line, SYSLOG)
                self.assertNotIn("\n", line)
            # Datagrams are not acknowledged: a message may come twice around a kill, and none is left out.
            for alert in ids:
                self.assertGreaterEqual(sum(alert in line for line in lines), 2)

        with self.subTest("mail"):
            mails = [path.read_text() for path in self.mails.iterdir()]
            for mail in mails:
                head = mail.split("\n\n", 1)[0]
                self.assertNotRegex(head, re.compile("^Bcc:", re.M | re.I))
                self.assertRegex(head, re.compile(r"^To: noc@example\.org$", re.M))
            self.assertGreaterEqual(len(mails), 2 * len(ids))

        self.assertEqual(self.collector.stop(), 0)
