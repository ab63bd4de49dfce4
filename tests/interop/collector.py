"""The collector as its user sees it: `weir run` as a child process, `weir query` and `weir import` beside it."""
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAM = os.environ.get("WEIR_PROGRAM", str(Path(__file__).resolve().parents[2] / "build/weir"))
BUILD = Path(os.environ.get("WEIR_BUILD", str(Path(__file__).resolve().parents[2] / "build")))


def free_port(kind):
    """A port of 127.0.0.1 that nobody holds; kind: socket.SOCK_DGRAM or SOCK_STREAM."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=20.0):
    """What condition() returns, once it is true. Raises TimeoutError saying `what` did not come."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.05)


def still(measure, seconds=0.5):
    """A condition for wait_until: measure() has kept its value for so long."""
    seen = [None, 0.0]

    def condition():
        value, now = measure(), time.monotonic()
        if value != seen[0]:
            seen[:] = [value, now]
        return now - seen[1] >= seconds

    return condition


def query_totals(data, *arguments):
    return query(data, *arguments)["totals"]


def query(data, *arguments):
    done = subprocess.run([PROGRAM, "query", "--data", str(data), *arguments, "--format", "json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"weir query ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def import_captures(data, *captures, options=()):
    """(exit code, the last object of standard output or None, standard error)."""
    done = subprocess.run([PROGRAM, "import", *map(str, captures), "--data", str(data), "--format", "json", *options],
                          capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    try:
        report = json.loads(done.stdout[done.stdout.index("{"):])
    except ValueError:
        report = None
    return done.returncode, report, done.stderr


class Collector:
    """`weir run` on ports of its own. inside: a command prefix that puts it into a network namespace."""

    def __init__(self, data, inside=(), udp_port=None, api_port=None, options=(), program=PROGRAM):
        self.program = str(program)
        self.data = Path(data)
        self.inside = list(inside)
        self.udp_port = udp_port or free_port(socket.SOCK_DGRAM)
        self.api_port = api_port or free_port(socket.SOCK_STREAM)
        self.options = list(options)
        self.log = self.data.parent / (self.data.name + ".log")
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.inside, self.program, "run", "--data", str(self.data), "--listen", str(self.udp_port), "--api", f"127.0.0.1:{self.api_port}", *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(f"the collector to answer on {self.api_port}; its log:\n{self.log.read_text()[-2000:]}", self.healthy)
        return self

    def healthy(self):
        if self.process.poll() is not None:
            raise AssertionError(f"weir run ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        return subprocess.run([*self.inside, "curl", "-s", "-f", "-m", "1", "-o", "/dev/null", f"http://127.0.0.1:{self.api_port}/healthz"],
                              check=False).returncode == 0

    def exposition(self):
        """The text of /metrics."""
        return subprocess.run([*self.inside, "curl", "-s", "-f", "-m", "5", f"http://127.0.0.1:{self.api_port}/metrics"],
                              capture_output=True, text=True, check=True).stdout

    def metrics(self):
        """{name: sum over its labels} of /metrics."""
        sums = {}
        for line in self.exposition().splitlines():
            if line and not line.startswith("#"):
                name = line.split("{")[0].split(" ")[0]
                sums[name] = sums.get(name, 0) + float(line.rsplit(" ", 1)[1])
        return sums

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self):
        """Kills it if it still runs: for a case that did not come to its stop()."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def stop(self):
        """Ends it as an operator does; its exit code."""
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("weir run did not end within 30 s of SIGTERM") from None
