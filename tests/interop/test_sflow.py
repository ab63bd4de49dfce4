"""sFlow agents watching real traffic between two hosts: pmacct's sfprobe. The running collector and an import of the
capture must agree with tshark's reading of the same samples; what they stand for must be what was on the wire, within the error that
sampling has."""
import shutil
import signal
import socket

import network
from case import InteropCase
from collector import free_port, import_captures, query, query_totals, still, wait_until
from oracle import of_answer, packets_on_wire, sampled_packets, sums

AGENT = "198.18.77.1"
SIGMAS = 4  # of one run in some 16,000, the error is larger than so many standard deviations


class SflowAgents(InteropCase):
    needs_network = True

    def watch(self, net, device, rate, start_agent, stop_agent):
        """Traffic past an agent that sends to the collector's port; `start_agent(port)`, `stop_agent()`. At rate 1 every packet counts."""
        port = free_port(socket.SOCK_DGRAM)
        settings = self.folder / "weir.toml"
        settings.write_text('[decode]\nsampled_octets = "ip"\n')  # as the oracles count
        options = ("--config", str(settings))
        collector = self.start_collector(inside=net.client.inside, udp_port=port, options=options)
        capture = self.start_capture(net.client, port)
        start_agent(port)
        wire = network.Capture(net.client, port, self.folder / "wire.pcap", device, "ip or ip6")
        self.addCleanup(wire.end)
        net.make_traffic(self.folder)
        wait_until("the last datagram in the capture", still(lambda: capture.path.stat().st_size, 3))
        stop_agent()
        wait_until("the last datagram in the capture", still(lambda: capture.path.stat().st_size))
        samples, sent = sampled_packets(capture.stop(), port), packets_on_wire(wire.stop())
        self.assertGreater(len(samples), 200 / rate, "too little traffic to prove anything")
        expected = sums(octets=sum(samples), packets=len(samples), flows=len(samples))
        wait_until(f"{expected['flows']} samples in the store", lambda: of_answer(query_totals(collector.data))["flows"] >= expected["flows"])
        self.check(collector.data, expected, rate, sent)
        self.assertEqual([row["key"]["exporter"] for row in query(collector.data, "--by", "exporter")["rows"]], [AGENT])
        self.assertEqual(collector.stop(), 0)
        status, report, errors = import_captures(self.folder / "imported", capture.path, options=options)
        self.assertEqual((status, report and report["malformed"]), (0, 0), errors)
        self.assertEqual([e["exporter"] for e in report["exporters"]], [AGENT])
        self.check(self.folder / "imported", expected, rate, sent)

    def check(self, data, expected, rate, sent):
        self.assertEqual(of_answer(query_totals(data, "--unscaled")), expected, f"{data.name}, and tshark")
        scaled = of_answer(query_totals(data))
        self.assertEqual((scaled["octets"], scaled["packets"]), (expected["octets"] * rate, expected["packets"] * rate), f"{data.name} scaled by {rate}")
        # A packet of s octets is in the sum N times with a chance of 1 in N: its variance is (N - 1) s^2. The last few packets may not have
        # been sent, as an agent ends without it.
        octets_error = SIGMAS * ((rate - 1) * sum(octets * octets for octets in sent)) ** 0.5
        packets_error = SIGMAS * ((rate - 1) * len(sent)) ** 0.5
        tail = 20 * rate
        self.assertAlmostEqual(scaled["packets"], len(sent), delta=packets_error + tail, msg="packets, against the wire")
        self.assertAlmostEqual(scaled["octets"], sum(sent), delta=octets_error + tail * 1500, msg="octets, against the wire")

    def pmacctd(self, rate):
        if not shutil.which("pmacctd"):
            self.skipTest("pmacctd is not installed")
        net = self.start_network()
        configuration = self.folder / "exporter.conf"
        agents = []

        def start(port):
            configuration.write_text("\n".join([
                "daemonize: false", f"pcap_interface: {network.DEVICE}", "plugins: sfprobe[s]", f"sampling_rate: {rate}", f"sfprobe_receiver[s]: 127.0.0.1:{port}",
                f"sfprobe_agentip[s]: {AGENT}", "plugin_buffer_size: 600", "plugin_pipe_size: 1048576", ""]))
            agents.append(self.start_exporter(net.client, "pmacctd", "-f", str(configuration)))
            wait_until(f"pmacctd to look at {network.DEVICE}", lambda: self.has_packet_socket(net.client))

        def stop():
            agents[0].send_signal(signal.SIGINT)
            agents[0].wait(30)

        self.watch(net, network.DEVICE, rate, start, stop)

    def test_pmacct_every_packet(self):
        self.pmacctd(1)

    def test_pmacct_sampled(self):
        self.pmacctd(4)

    @staticmethod
    def has_packet_socket(host):
        index = host.run("ip", "-o", "link", "show", network.DEVICE).stdout.split(":")[0]
        return any(line.split()[4] == index for line in host.run("cat", "/proc/net/packet").stdout.splitlines()[1:])
