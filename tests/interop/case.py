"""A case whose collector, exporters, namespaces and folder end with it, passed or failed, in the opposite order of their start."""
import tempfile
import unittest
from pathlib import Path

import network
from collector import Collector


class InteropCase(unittest.TestCase):
    needs_network = False  # the case is skipped where no network namespace can be had

    def setUp(self):
        if self.needs_network:
            reason = network.reason_for_no_network()
            if reason:
                self.skipTest(reason)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start_network(self):
        return self.enterContext(network.Network())

    def start_collector(self, **options):
        """A running collector on the folder's `data`; a case may stop, kill and start it again."""
        collector = Collector(self.folder / "data", **options)
        self.addCleanup(collector.end)
        return collector.start()

    def start_capture(self, host, port):
        capture = network.Capture(host, port, self.folder / "datagrams.pcap")
        self.addCleanup(capture.end)
        return capture

    def start_exporter(self, host, *command):
        return self.enterContext(network.running(host.start(*command)))
