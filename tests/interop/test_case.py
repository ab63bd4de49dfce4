"""A case that fails leaves nothing running: the next one finds the machine as the first did."""
import unittest

from case import InteropCase


class FailsHalfway(InteropCase):
    needs_network = True

    def runTest(self):
        self.net = self.start_network()
        self.exporter = self.start_exporter(self.net.client, "sleep", "600")
        self.collector = self.start_collector(inside=self.net.client.inside)
        self.capture = self.start_capture(self.net.client, self.collector.udp_port)
        self.fail("halfway")


class CaseEnds(InteropCase):
    needs_network = True

    def test_a_failure_ends_what_the_case_started(self):
        failing, result = FailsHalfway(), unittest.TestResult()
        failing.run(result)
        self.assertEqual([text.strip().splitlines()[-1] for _, text in result.failures], ["AssertionError: halfway"], result.errors)
        self.assertEqual(result.errors, [])
        for name, process in (("exporter", failing.exporter), ("collector", failing.collector.process), ("capture", failing.capture.process),
                              ("client", failing.net.client.holder), ("server", failing.net.server.holder)):
            self.assertIsNotNone(process.poll(), f"the {name} still runs")
        self.assertFalse(failing.folder.exists())


def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromTestCase(CaseEnds)
