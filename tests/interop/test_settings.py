"""Every setting says what shows it at work: the counters and gauges it names are in /metrics of a running collector."""
import json
import tempfile
import unittest
from pathlib import Path

from collector import Collector

SCHEMA = Path(__file__).resolve().parents[2] / "schemas/config.schema.json"


class Settings(unittest.TestCase):
    def test_named_metrics_are_there(self):
        named = {setting["x-shows"]: f"{section}.{name}"
                 for section, group in json.loads(SCHEMA.read_text())["properties"].items()
                 for name, setting in group["properties"].items() if setting["x-shows"].startswith("weir_")}
        with tempfile.TemporaryDirectory() as folder:
            collector = Collector(Path(folder) / "data").start()
            try:
                # A family of targets or rules has no samples before there are any; it is declared all the same.
                present = {line.split(" ")[2] for line in collector.exposition().splitlines() if line.startswith("# TYPE ")}
            finally:
                collector.stop()
        self.assertEqual({metric: setting for metric, setting in named.items() if metric not in present}, {})
