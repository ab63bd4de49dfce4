"""softflowd between two hosts with real traffic: its own statistics, tshark's decoding of the same datagrams, the running
collector, and an import of the capture must agree to the octet."""
import socket
import tempfile
import unittest
from pathlib import Path

import network
from collector import Collector, free_port, import_captures, query, query_totals, wait_until
from oracle import of_answer, softflowd_statistics, tshark_datagrams, tshark_totals


class Softflowd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = network.reason_for_no_network()
        if reason:
            raise unittest.SkipTest(reason)

    def export(self, version, to, *flags):
        """Runs traffic past softflowd and the collector, compares all that counted it, and returns the totals."""
        port = free_port(socket.SOCK_DGRAM)
        with tempfile.TemporaryDirectory() as folder, network.Network() as net:
            folder = Path(folder)
            collector = Collector(folder / "data", net.client.inside, udp_port=port).start()
            capture = network.Capture(net.client, port, folder / "datagrams.pcap")
            control = str(folder / "softflowd.ctl")
            exporter = net.client.start("softflowd", "-d", "-i", network.DEVICE, "-n", f"{to}:{port}", "-v", version, *flags,
                                        "-t", "maxlife=2", "-t", "expint=1", "-p", str(folder / "softflowd.pid"), "-c", control)
            with network.running(exporter):
                wait_until("softflowd's control socket", Path(control).exists)
                net.make_traffic(folder)
                net.client.run("softflowctl", "-c", control, "expire-all")
                own, octets_by_protocol = softflowd_statistics(net.client.run("softflowctl", "-c", control, "statistics").stdout)
                exporter.kill()  # so that nothing that comes later is exported
                exporter.wait()
            self.assertGreater(own["flows"], 20, "too little traffic to prove anything")

            def collected():
                totals = of_answer(query_totals(collector.data))
                return totals if totals["flows"] >= own["flows"] else None

            live = wait_until(f"all {own['flows']} records in the store", collected)
            captured = capture.stop()
            self.assertEqual(live, own, "weir run, and softflowd's own statistics")
            by_protocol = query(collector.data, "--by", "protocol", "--limit", "300")["rows"]
            self.assertEqual({row["key"]["protocol"]: row["octets"] for row in by_protocol}, octets_by_protocol, "octets by protocol")
            self.assertEqual(collector.stop(), 0, "exit code of weir run after SIGTERM")
            self.assertEqual(of_answer(query_totals(collector.data)), own, "after the collector has ended")
            self.assertEqual(tshark_totals(captured, port), own, "tshark, and softflowd's own statistics")

            status, report, errors = import_captures(folder / "imported", captured)
            self.assertEqual(status, 0, errors)
            self.assertEqual(report["datagrams"], tshark_datagrams(captured), report)
            self.assertEqual((report["records"], report["malformed"]), (own["flows"], 0), report)
            self.assertEqual([exporter["address"] for exporter in report["exporters"]], ["::1" if "[" in to else "127.0.0.1"])
            self.assertEqual(of_answer(query_totals(folder / "imported")), own, "weir import of the same datagrams")
            return own

    def test_netflow_v5(self):
        self.export("5", "127.0.0.1")

    def test_netflow_v9_over_ipv6(self):
        self.export("9", "[::1]")

    def test_ipfix(self):
        self.export("10", "127.0.0.1", "-A", "milli")

    def test_ipfix_with_vlan_and_mac(self):
        self.export("10", "127.0.0.1", "-T", "ether", "-A", "nano")


if __name__ == "__main__":
    unittest.main()
