"""Rules that loop, grow and recurse, in a running collector under load: each is stopped and named, the good rule beside them
fires, a broken port list leaves the last good one, and receiving loses nothing."""
import json
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from collector import BUILD, PROGRAM, Collector, query_totals, wait_until

RATE, SECONDS = 20_000, 12
RULE = """weir.rule {{ name = '{name}', query = {{ by = 'client', window = '10s', every = '10s' }},
  when = function(row, ctx)
    do {body} end
    return false
  end }}
"""
HOSTILE = {
    "endless loop": "while true do end",
    "endless string": "local s = 'x' while true do s = s .. s end",
    "endless table": "kept = kept or {} while true do kept[#kept + 1] = {} end",
    "deep recursion": "local function f() return 1 + f() end f()",
    "caught endless": "while true do pcall(function() while true do end end) end",
    "coroutine": "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "coroutine bomb": "local function f() return coroutine.resume(coroutine.create(f)) end while true do f() end",
    "pattern": "return ('a'):rep(5000):find('.-.-.-.-b')",
    "balance": "return ('('):rep(1e6):find('%b()')",
    "plain find": "return ('a'):rep(1e6):find(('a'):rep(5e5) .. 'b', 1, true)",
    "move": "return table.move({}, 1, 1e15, 2)",
    "sort": "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
    "metatable": "setmetatable(_G, {})",
    "files": "return io.open('/etc/passwd')",
    "long error": "error(('x'):rep(1e6))",
    "line in error": "error('one\\n2026-01-01 fake line')",
}
AT_LOAD = "local t = {} while true do t[#t + 1] = ('x'):rep(1000) end\n"


class HostileScripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        rules = self.folder / "rules"
        rules.mkdir()
        for name, body in HOSTILE.items():
            (rules / (name.replace(" ", "_") + ".lua")).write_text(RULE.format(name=name, body=body))
        (rules / "at_load.lua").write_text(AT_LOAD)
        (rules / "good.lua").write_text("weir.rule { name = 'good', query = { by = 'exporter', window = '10s', every = '10s' }, when = { octets = '>0' } }\n")
        settings = self.folder / "weir.toml"
        settings.write_text(f'[alert]\nrules = "{rules}"\n')
        self.collector = Collector(self.folder / "data", options=["--config", str(settings)]).start()
        self.addCleanup(self.collector.stop)
        self.token = subprocess.run([PROGRAM, "token", "--data", str(self.collector.data)], capture_output=True, text=True, check=True).stdout.strip()

    def call(self, method):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}})
        said = subprocess.run(["curl", "-s", "-m", "10", "-H", f"Authorization: Bearer {self.token}", "-d", body, f"http://127.0.0.1:{self.collector.api_port}/rpc"],
                              capture_output=True, text=True, check=True).stdout
        return json.loads(said)["result"]

    def test_hostile_rules_are_stopped_and_nothing_is_lost(self):
        load = subprocess.Popen([str(BUILD / "flow_sender"), "--port", str(self.collector.udp_port), "--records", str(RATE * SECONDS), "--rate", str(RATE), "--sources", "1"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(load.stdout.close)
        self.addCleanup(load.kill)

        def failed():
            rules = {rule["name"]: rule for rule in self.call("rules.list")["rules"]}
            return rules if all(rules[name]["failures"] > 0 for name in HOSTILE) and rules["good"]["firing"] == 1 else None

        rules = wait_until("every hostile rule to have been stopped", failed, 90)
        sent = json.loads(load.communicate(timeout=60)[0])
        for name in HOSTILE:
            with self.subTest(rule=name):
                rule = rules[name]
                self.assertIn(name.replace(" ", "_") + ".lua:", rule["error"] + rule["file"] + f":{rule['line']}")
                self.assertGreater(rule["backed_off_until_ms"] or 0, 0)
                self.assertLess(len(rule["error"]), 1500)
                self.assertNotIn("\n", rule["error"])
        at_load = [file for file in self.call("rules.list")["files"] if file["path"].endswith("at_load.lua")]
        self.assertIn("at_load.lua", at_load[0]["error"])
        self.assertIn("stopped", at_load[0]["error"])
        self.assertEqual([one["rule"] for one in self.call("alerts.list")["alerts"] if one["rule"] in [*HOSTILE, "good"]], ["good"])

        wait_until("all records", lambda: query_totals(self.collector.data)["flows"] >= sent["records"])
        totals, metrics = query_totals(self.collector.data), self.collector.metrics()
        self.assertEqual((totals["flows"], totals["octets"], totals["packets"]), (sent["records"], sent["octets"], sent["packets"]))
        self.assertEqual(sum(metrics[name] for name in ("weir_receive_kernel_drops_total", "weir_receive_queue_drops_total", "weir_exporter_lost_total")), 0)
        self.assertNotIn("fake line", [line[:40] for line in self.collector.log.read_text().splitlines() if line.startswith("2026-01-01")])
