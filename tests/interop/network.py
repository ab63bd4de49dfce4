"""Two hosts on one machine: network namespaces joined by a veth pair, and traffic between them. Nothing is named in the
system and nothing is left behind: the namespaces end with the two processes that hold them."""
import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CLIENT_V4, SERVER_V4 = "198.18.77.1", "198.18.77.2"
CLIENT_V6, SERVER_V6 = "fd77::1", "fd77::2"
DEVICE = "weir0"


def reason_for_no_network():
    """Why namespaces cannot be had here; "" when they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip") or not shutil.which("nsenter"):
        return "ip (iproute2) and nsenter (util-linux) are needed"
    done = subprocess.run(["unshare", "--net", "ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"no network namespace with a veth pair can be made here: {done.stderr.strip()}"


class Host:
    """A network namespace, held open by a process that ends with this one, however this one ends."""

    def __init__(self):
        # A holder says when it is inside, so that nobody takes the namespace it comes from for its own.
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo inside; exec cat"], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        self.holder.stdout.readline()
        self.inside = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]

    def run(self, *command, check=True, **options):
        options = {"timeout": 120} | options
        done = subprocess.run([*self.inside, *command], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-2000:]}")
        return done

    def start(self, *command, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options
        return subprocess.Popen([*self.inside, *command], **options)

    def close(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdin.close()
        self.holder.stdout.close()


@contextlib.contextmanager
def running(process):
    """Ends the process with the block."""
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Network:
    """client and server, 198.18.77.1 and .2, fd77::1 and ::2, on DEVICE in each."""

    def __enter__(self):
        self.client, self.server = Host(), Host()
        try:
            self.join()
        except BaseException:
            self.__exit__()
            raise
        return self

    def join(self):
        self.client.run("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", DEVICE, "netns", str(self.server.holder.pid))
        for host, v4, v6 in ((self.client, CLIENT_V4, CLIENT_V6), (self.server, SERVER_V4, SERVER_V6)):
            host.run("ip", "link", "set", "lo", "up")
            host.run("ip", "link", "set", DEVICE, "up")
            host.run("ip", "addr", "add", v4 + "/24", "dev", DEVICE)
            host.run("ip", "-6", "addr", "add", v6 + "/64", "dev", DEVICE, "nodad")
            # Packets as they would be on a wire, not the large ones of a local link.
            host.run("ethtool", "-K", DEVICE, "tso", "off", "gso", "off", "gro", "off", "tx", "off", check=False)

    def __exit__(self, *_):
        self.client.close()
        self.server.close()

    def make_traffic(self, folder):
        """ping, dig, curl and iperf3 from the client to the server, IPv4 and IPv6; a refused connection too. Every tool
        must succeed: a test on no traffic would prove nothing."""
        www = Path(folder) / "www"
        www.mkdir(exist_ok=True)
        for number in range(3):
            (www / f"f{number}.bin").write_bytes(bytes(10_000 * (1 + 4 * number)))
        run = self.client.run
        with contextlib.ExitStack() as servers:
            servers.enter_context(running(self.server.start("python3", "-B", str(HERE / "dns_responder.py"))))
            servers.enter_context(running(self.server.start("python3", "-m", "http.server", "8080", "--bind", "::", "--directory", str(www))))
            # iperf3 serves one client at a time and is busy for a moment after it: each run has a server of its own.
            for port in ("5201", "5202", "5203"):
                servers.enter_context(running(self.server.start("iperf3", "-s", "-p", port)))
            self.wait_for_listeners({"53", "8080", "5201", "5202", "5203"})
            run("ping", "-c", "5", "-i", "0.2", SERVER_V4)
            run("ping", "-6", "-c", "5", "-i", "0.2", SERVER_V6)
            for number in range(12):
                run("dig", "+short", "+tries=2", "+time=2", f"@{SERVER_V4}", f"host{number}.example", "A")
            for number in range(5):
                run("dig", "+short", "+tries=2", "+time=2", f"@{SERVER_V6}", f"host{number}.example", "AAAA")
            for number in range(6):
                run("curl", "-s", "-f", "-o", "/dev/null", f"http://{SERVER_V4}:8080/f{number % 3}.bin")
            for number in range(3):
                run("curl", "-s", "-f", "-o", "/dev/null", "-g", f"http://[{SERVER_V6}]:8080/f{number}.bin")
            run("curl", "-s", "-m", "1", f"http://{SERVER_V4}:81/", check=False)
            run("iperf3", "-c", SERVER_V4, "-p", "5201", "-n", "512K")
            run("iperf3", "-c", SERVER_V6, "-p", "5202", "-n", "256K")
            run("iperf3", "-c", SERVER_V4, "-p", "5203", "-u", "-b", "2M", "-l", "1200", "-n", "120K")

    def wait_for_listeners(self, ports):
        end = time.monotonic() + 15
        while True:
            listening = {line.split()[4].rsplit(":", 1)[1] for line in self.server.run("ss", "-Hlntu").stdout.splitlines()}
            if ports <= listening:
                return
            if time.monotonic() > end:
                raise TimeoutError(f"the servers of the test do not listen: {sorted(ports - listening)}")
            time.sleep(0.05)


class Capture:
    """tcpdump on the loopback of a host: the very datagrams that the collector gets. Reading `path` is right after stop(). With another
    device and expression it is what passes there."""

    def __init__(self, host, port, path, device="lo", expression=None):
        self.path = Path(path)
        self.process = host.start("tcpdump", "-i", device, "-s", "16384", "-B", "32768", "-U", "--immediate-mode", "-Z", "root", "-w", str(path), expression or f"udp dst port {port}",
                                  stderr=subprocess.PIPE)
        line = self.process.stderr.readline()
        while line and b"listening on" not in line:
            line = self.process.stderr.readline()
        # What it says later is of no interest, but must not fill the pipe.
        self.reader = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.reader.start()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        return self.path

    def end(self):
        """Ends it if stop() did not."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)
        self.process.stderr.close()
