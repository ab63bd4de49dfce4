"""fprobe and pmacct's nfprobe between two hosts with real traffic: the running collector and an import of the capture
must agree with tshark's decoding of the same datagrams."""
import shutil
import signal
import socket
import tempfile
import unittest
from pathlib import Path

import network
from collector import Collector, free_port, import_captures, query_totals, still, wait_until
from oracle import of_answer, tshark_totals


class OtherExporters(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = network.reason_for_no_network()
        if reason:
            raise unittest.SkipTest(reason)

    def export(self, command, stop_signal, configuration=""):
        """Runs traffic past the exporter `command` (a list in which FOLDER and PORT are filled in) and compares."""
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        port = free_port(socket.SOCK_DGRAM)
        with tempfile.TemporaryDirectory() as folder, network.Network() as net:
            folder = Path(folder)
            (folder / "exporter.conf").write_text(configuration.replace("PORT", str(port)))
            collector = Collector(folder / "data", net.client.inside, udp_port=port).start()
            capture = network.Capture(net.client, port, folder / "datagrams.pcap")
            exporter = net.client.start(*[word.replace("FOLDER", str(folder)).replace("PORT", str(port)) for word in command])
            with network.running(exporter):
                wait_until(f"{command[0]} to look at {network.DEVICE}", lambda: self.has_packet_socket(net.client))
                net.make_traffic(folder)
                exporter.send_signal(stop_signal)  # it sends what it holds before it ends
                exporter.wait(30)
            wait_until("the last datagram in the capture", still(lambda: capture.path.stat().st_size))
            captured = capture.stop()
            expected = tshark_totals(captured, port)
            self.assertGreater(expected["flows"], 20, "too little traffic to prove anything")
            wait_until(f"{expected['flows']} records in the store",
                       lambda: of_answer(query_totals(collector.data))["flows"] >= expected["flows"])
            self.assertEqual(of_answer(query_totals(collector.data)), expected, "weir run, and tshark")
            self.assertEqual(collector.stop(), 0)
            status, report, errors = import_captures(folder / "imported", captured)
            self.assertEqual((status, report and report["malformed"]), (0, 0), errors)
            self.assertEqual(of_answer(query_totals(folder / "imported")), expected, "weir import, and tshark")

    @staticmethod
    def has_packet_socket(host):
        index = host.run("ip", "-o", "link", "show", network.DEVICE).stdout.split(":")[0]
        sockets = host.run("cat", "/proc/net/packet").stdout.splitlines()[1:]
        return any(line.split()[4] == index for line in sockets)

    def fprobe(self, version):
        # -s, -d, -e, -l: scan each second, idle 2 s, active 2 s, stay in the foreground
        self.export(["fprobe", "-i", network.DEVICE, "-n", version, "-s", "1", "-d", "2", "-e", "2", "-l", "2", "127.0.0.1:PORT"], signal.SIGTERM)

    def pmacctd(self, version):
        self.export(["pmacctd", "-f", "FOLDER/exporter.conf"], signal.SIGINT, "\n".join([
            "daemonize: false", f"pcap_interface: {network.DEVICE}", "plugins: nfprobe[x]",
            "aggregate[x]: src_host,dst_host,src_port,dst_port,proto,tos", f"nfprobe_version[x]: {version}",
            "nfprobe_receiver[x]: 127.0.0.1:PORT", "nfprobe_timeouts[x]: tcp=2:expint=1:maxlife=3:udp=2:icmp=2:general=2",
            "nfprobe_source_ip[x]: 127.0.0.1", "plugin_buffer_size: 65536", "plugin_pipe_size: 1048576", ""]))

    def test_fprobe_v1(self):
        self.fprobe("1")

    def test_fprobe_v5(self):
        self.fprobe("5")

    def test_fprobe_v7(self):
        self.fprobe("7")

    def test_pmacct_v5(self):
        self.pmacctd("5")

    def test_pmacct_v9(self):
        self.pmacctd("9")

    def test_pmacct_ipfix(self):
        self.pmacctd("10")
