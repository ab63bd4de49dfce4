"""softflowd between two hosts with real traffic: its own statistics, tshark's decoding of the same datagrams, the running
collector, and an import of the capture must agree to the octet."""
import socket
import unittest
from pathlib import Path

import network
from case import InteropCase
from collector import free_port, import_captures, query, query_totals, wait_until
from oracle import of_answer, softflowd_packets_seen, softflowd_statistics, tshark_datagrams, tshark_totals


class Softflowd(InteropCase):
    needs_network = True

    def export(self, version, to, *flags, sampling=1, directions=1):
        """Runs traffic past softflowd and the collector, compares all that counted it, and returns the folder of the collector.
        sampling: 1 in N of -s. directions: how many of them a record counts."""
        port = free_port(socket.SOCK_DGRAM)
        net = self.start_network()
        collector = self.start_collector(inside=net.client.inside, udp_port=port)
        capture = self.start_capture(net.client, port)
        control = str(self.folder / "softflowd.ctl")
        exporter = self.start_exporter(net.client, "softflowd", "-d", "-i", network.DEVICE, "-n", f"{to}:{port}", "-v", version, *flags,
                                       "-t", "maxlife=2", "-t", "expint=1", "-p", str(self.folder / "softflowd.pid"), "-c", control)
        wait_until("softflowd's control socket", Path(control).exists)
        net.make_traffic(self.folder)
        net.client.run("softflowctl", "-c", control, "expire-all")
        statistics = net.client.run("softflowctl", "-c", control, "statistics").stdout
        own, octets_by_protocol = softflowd_statistics(statistics)
        exporter.kill()  # so that nothing that comes later is exported
        exporter.wait()
        self.assertGreater(own["flows"], 20 // sampling, "too little traffic to prove anything")

        def collected():
            totals = of_answer(query_totals(collector.data, "--unscaled"))
            return totals if totals["flows"] >= own["flows"] else None

        live = wait_until(f"all {own['flows']} records in the store", collected)
        captured = capture.stop()
        self.assertEqual(live, own, "weir run, and softflowd's own statistics")
        by_protocol = query(collector.data, "--unscaled", "--by", "protocol", "--limit", "300")["rows"]
        self.assertEqual({row["key"]["protocol"]: row["octets"] for row in by_protocol}, octets_by_protocol, "octets by protocol")
        self.assertEqual(collector.stop(), 0, "exit code of weir run after SIGTERM")
        self.assertEqual(of_answer(query_totals(collector.data, "--unscaled")), own, "after the collector has ended")
        counted = tshark_totals(captured, port)  # its flows are counters, of which a record has one in each direction
        self.assertEqual(counted, own | {"flows": own["flows"] * directions}, "tshark, and softflowd's own statistics")

        status, report, errors = import_captures(self.folder / "imported", captured)
        self.assertEqual(status, 0, errors)
        self.assertEqual(report["datagrams"], tshark_datagrams(captured), report)
        self.assertEqual((report["records"], report["malformed"]), (own["flows"], 0), report)
        self.assertEqual([exporter["address"] for exporter in report["exporters"]], ["::1" if "[" in to else "127.0.0.1"])
        self.assertEqual(of_answer(query_totals(self.folder / "imported", "--unscaled")), own, "weir import of the same datagrams")
        for data in (collector.data, self.folder / "imported"):
            scaled = own | {"octets": own["octets"] * sampling, "packets": own["packets"] * sampling}
            self.assertEqual(of_answer(query_totals(data)), scaled, f"{data.name} scaled by the announced rate")
        if sampling > 1:
            rates = {row["key"]["sampling"]: row["flows"] for row in query(collector.data, "--by", "sampling")["rows"]}
            self.assertEqual(rates, {sampling: own["flows"]}, "rates of the records")
            # It takes every Nth packet, so the estimate is off by less than one interval.
            taken, left_out = softflowd_packets_seen(statistics)
            self.assertLessEqual(abs(query_totals(collector.data)["packets"] - (taken + left_out)), sampling, statistics)
        return collector.data

    def test_netflow_v5(self):
        self.export("5", "127.0.0.1")

    def test_netflow_v9_over_ipv6(self):
        self.export("9", "[::1]")

    def test_ipfix(self):
        self.export("10", "127.0.0.1", "-A", "milli")

    def test_ipfix_with_vlan_and_mac(self):
        self.export("10", "127.0.0.1", "-T", "ether", "-A", "nano")

    def test_netflow_v5_sampled(self):
        self.export("5", "127.0.0.1", "-s", "4", sampling=4)

    def test_netflow_v9_sampled(self):
        self.export("9", "127.0.0.1", "-s", "4", sampling=4)

    def test_ipfix_sampled(self):
        self.export("10", "127.0.0.1", "-s", "4", sampling=4)

    def test_ipfix_biflow(self):
        data = self.export("10", "127.0.0.1", "-b", directions=2)
        # Both directions come in one record: the client is who spoke first, and each side's octets are its own.
        for port, sessions in ((8080, 9), (53, 17)):
            rows = query(data, "--filter", f"server_port {port}", "--by", "client")["rows"]
            self.assertEqual({row["key"]["client"] for row in rows}, {network.CLIENT_V4, network.CLIENT_V6}, f"port {port}")
            self.assertEqual(sum(row["sessions"] for row in rows), sessions, f"port {port}")
            self.assertEqual(sum(row["flows"] for row in rows), sessions, f"port {port}: one record a session")
        sent = {row["key"]["host"]: row["octets"]
                for row in query(data, "--filter", "server_port 8080", "--by", "host", "--direction", "talkers")["rows"]}
        self.assertGreater(sent[network.SERVER_V4], 10 * sent[network.CLIENT_V4], "downloads go from the server to the client")


if __name__ == "__main__":
    unittest.main()
