"""fprobe and pmacct's nfprobe between two hosts with real traffic: the running collector and an import of the capture
must agree with tshark's decoding of the same datagrams."""
import shutil
import signal
import socket

import network
from case import InteropCase
from collector import free_port, import_captures, query, query_totals, still, wait_until
from oracle import of_answer, tshark_totals


class OtherExporters(InteropCase):
    needs_network = True

    def export(self, command, stop_signal, configuration="", sampling=1):
        """Runs traffic past the exporter `command` (a list in which FOLDER and PORT are filled in) and compares."""
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        port = free_port(socket.SOCK_DGRAM)
        net = self.start_network()
        (self.folder / "exporter.conf").write_text(configuration.replace("PORT", str(port)))
        collector = self.start_collector(inside=net.client.inside, udp_port=port)
        capture = self.start_capture(net.client, port)
        exporter = self.start_exporter(net.client, *[word.replace("FOLDER", str(self.folder)).replace("PORT", str(port)) for word in command])
        wait_until(f"{command[0]} to look at {network.DEVICE}", lambda: self.has_packet_socket(net.client))
        net.make_traffic(self.folder)
        exporter.send_signal(stop_signal)  # it sends what it holds before it ends
        exporter.wait(30)
        wait_until("the last datagram in the capture", still(lambda: capture.path.stat().st_size))
        captured = capture.stop()
        expected = tshark_totals(captured, port)
        self.assertGreater(expected["flows"], 20 // sampling, "too little traffic to prove anything")
        wait_until(f"{expected['flows']} records in the store",
                   lambda: of_answer(query_totals(collector.data))["flows"] >= expected["flows"])
        self.check(collector.data, expected, sampling)
        self.assertEqual(collector.stop(), 0)
        status, report, errors = import_captures(self.folder / "imported", captured)
        self.assertEqual((status, report and report["malformed"]), (0, 0), errors)
        self.check(self.folder / "imported", expected, sampling)

    def check(self, data, exported, sampling):
        """As exported, and scaled by the rate that the exporter announced."""
        self.assertEqual(of_answer(query_totals(data, "--unscaled")), exported, f"{data.name}, and tshark")
        scaled = exported | {"octets": exported["octets"] * sampling, "packets": exported["packets"] * sampling}
        self.assertEqual(of_answer(query_totals(data)), scaled, f"{data.name} scaled by {sampling}")
        if sampling > 1:
            rates = {row["key"]["sampling"]: row["flows"] for row in query(data, "--by", "sampling")["rows"]}
            self.assertEqual(rates, {sampling: exported["flows"]}, "rates of the records")

    @staticmethod
    def has_packet_socket(host):
        index = host.run("ip", "-o", "link", "show", network.DEVICE).stdout.split(":")[0]
        sockets = host.run("cat", "/proc/net/packet").stdout.splitlines()[1:]
        return any(line.split()[4] == index for line in sockets)

    def fprobe(self, version):
        # -s, -d, -e, -l: scan each second, idle 2 s, active 2 s, stay in the foreground
        self.export(["fprobe", "-i", network.DEVICE, "-n", version, "-s", "1", "-d", "2", "-e", "2", "-l", "2", "127.0.0.1:PORT"], signal.SIGTERM)

    def pmacctd(self, version, sampling=1):
        self.export(["pmacctd", "-f", "FOLDER/exporter.conf"], signal.SIGINT, "\n".join([
            "daemonize: false", f"pcap_interface: {network.DEVICE}", "plugins: nfprobe[x]",
            "aggregate[x]: src_host,dst_host,src_port,dst_port,proto,tos", f"nfprobe_version[x]: {version}",
            "nfprobe_receiver[x]: 127.0.0.1:PORT", "nfprobe_timeouts[x]: tcp=2:expint=1:maxlife=3:udp=2:icmp=2:general=2",
            "nfprobe_source_ip[x]: 127.0.0.1", "plugin_buffer_size: 65536", "plugin_pipe_size: 1048576",
            *([f"sampling_rate: {sampling}"] if sampling > 1 else []), ""]), sampling)

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

    def test_pmacct_v5_sampled(self):
        self.pmacctd("5", sampling=4)

    def test_pmacct_v9_sampled(self):
        self.pmacctd("9", sampling=4)

    def test_pmacct_ipfix_sampled(self):
        self.pmacctd("10", sampling=4)
