"""/metrics is what Prometheus accepts, and whatever names a metric names one that is there: the settings, the Grafana dashboard."""
import json
import re
import tempfile
import unittest
from pathlib import Path

from collector import Collector

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|NaN|[+-]Inf)$')


def families(exposition):
    """{name: type}. Raises ValueError naming the line that Prometheus would refuse."""
    found, helped, current, seen = {}, set(), None, set()
    for line in exposition.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            if name in helped:
                raise ValueError(f"second HELP: {line}")
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, current, kind = line.split(" ")
            if current in found:
                raise ValueError(f"second TYPE: {line}")
            found[current] = kind
        elif line:
            sample = SAMPLE.match(line)
            if not sample:
                raise ValueError(f"not a sample: {line}")
            name = re.sub(r"_(bucket|sum|count)$", "", sample[1]) if found.get(current) == "histogram" else sample[1]
            if name != current:
                raise ValueError(f"outside of its family: {line}")
            if (sample[1], sample[2]) in seen:
                raise ValueError(f"twice: {line}")
            seen.add((sample[1], sample[2]))
    if set(found) != helped:
        raise ValueError(f"without HELP or TYPE: {set(found) ^ helped}")
    return found


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            collector = Collector(Path(folder) / "data").start()
            try:
                cls.exposition = collector.exposition()
            finally:
                collector.stop()

    def test_exposition_is_well_formed(self):
        kinds = families(self.exposition)
        self.assertGreater(len(kinds), 100)
        self.assertEqual({name for name, kind in kinds.items() if (kind == "counter") != name.endswith("_total")}, set())

    def test_settings_name_metrics_that_are_there(self):
        named = {setting["x-shows"]: f"{section}.{name}"
                 for section, group in json.loads((ROOT / "schemas/config.schema.json").read_text())["properties"].items()
                 for name, setting in group["properties"].items() if setting["x-shows"].startswith("weir_")}
        # A family of targets or rules has no samples before there are any; it is declared all the same.
        present = families(self.exposition)
        self.assertEqual({metric: setting for metric, setting in named.items() if metric not in present}, {})

    def test_dashboard_asks_for_metrics_that_are_there(self):
        text = (ROOT / "install/grafana/weir.json").read_text()
        dashboard = json.loads(text)
        asked = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\bweir_\w+", " ".join(
            target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])))}
        self.assertGreater(len(asked), 30)
        self.assertEqual(asked - set(families(self.exposition)), set())
        self.assertEqual(set(re.findall(r"label_values\((weir_\w+)", text)) - set(families(self.exposition)), set())
