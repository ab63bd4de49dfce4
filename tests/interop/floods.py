"""What flood.py sends: good exporters, and floods that each try one thing. Everything stays on loopback; the addresses of
127.0.0.0/8 are the senders."""
import random
import socket
import struct
import time

RATE = 60        # datagrams a second of a good exporter
PER_DATAGRAM = 20
OCTETS = 1000    # of every record
GOOD = {"v5": "127.1.0.5", "v9": "127.1.0.9", "ipfix": "127.1.0.10"}
NEWCOMER = "127.1.0.77"


def sender(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    s.bind((address, 0))
    return s


def v5(sequence, records=PER_DATAGRAM, octets=OCTETS):
    uptime = 3_600_000
    head = struct.pack("!HHIIIIBBH", 5, records, uptime, int(time.time()), 0, sequence, 0, 0, 0)
    body = b"".join(struct.pack("!IIIHHIIIIHHBBBBHHBBH", 0x0a000000 + random.getrandbits(16), 0x0a010000 + i, 0, 1, 2, 3, octets, uptime - 1000, uptime - 500,
                                random.getrandbits(16), 443, 0, 16, 6, 0, 0, 0, 0, 0, 0) for i in range(records))
    return head + body


FIELDS = [(8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4)]


def template(number, fields):
    return struct.pack("!HH", number, len(fields)) + b"".join(struct.pack("!HH", *f) for f in fields)


def record(octets=OCTETS):
    return struct.pack("!IIHHBII", 0x0a000000 + random.getrandbits(16), 0x0a010000 + random.getrandbits(8), random.getrandbits(16), 443, 6, octets, 3)


def a_set(number, content):
    return struct.pack("!HH", number, 4 + len(content)) + content


def v9(sequence, *sets, source=0):
    return struct.pack("!HHIIII", 9, len(sets), 3_600_000, int(time.time()), sequence & 0xffffffff, source) + b"".join(sets)


def ipfix(sequence, *sets, domain=0):
    body = b"".join(sets)
    return struct.pack("!HHIII", 10, 16 + len(body), int(time.time()), sequence & 0xffffffff, domain) + body


def paced(seconds, per_second):
    """Yields 0, 1, 2, … at the rate; catches up after a pause."""
    start, n = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        due = int(now * per_second)
        while n <= due:
            yield n
            n += 1
        time.sleep(min(0.02, 1 / per_second))


def send_good(kind, port, seconds, sent, address=None, rate=RATE):
    s = sender(address or GOOD[kind])
    to = ("127.0.0.1", port)
    count = 0
    for n in paced(seconds, rate):
        records = b"".join(record() for _ in range(PER_DATAGRAM)) if kind != "v5" else b""
        layout = [a_set(0 if kind == "v9" else 2, template(300, FIELDS))] if n % rate == 0 else []
        if kind == "v5":
            message = v5(count)
        elif kind == "v9":
            message = v9(n, *layout, a_set(300, records))
        else:
            message = ipfix(count, *layout, a_set(300, records))
        s.sendto(message, to)
        count += PER_DATAGRAM
        sent.value = count



# --- sFlow version 5 ---

def frame(source, destination, tags=0):
    """An Ethernet frame of a TCP segment, behind so many VLAN tags."""
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, OCTETS, 1, 0, 64, 6, 0, source, destination)
    return bytes(12) + struct.pack("!HH", 0x8100, 7) * tags + struct.pack("!H", 0x0800) + ip + struct.pack("!HHIIBBHHH", 40_000, 443, 1, 1, 0x50, 0x10, 512, 0, 0)


def flow_sample(sequence, head, rate=1, source=1):
    header = struct.pack("!IIII", 1, OCTETS + 18, 4, len(head)) + head + bytes(-len(head) % 4)
    body = struct.pack("!IIIIIIII", sequence & 0xffffffff, source, rate, sequence & 0xffffffff, 0, 1, 2, 1) + struct.pack("!II", 1, len(header)) + header
    return struct.pack("!II", 1, len(body)) + body


def counter_sample(sequence, interface):
    counters = struct.pack("!IIQIIQIIIIIIQIIIIII", interface, 6, 10**9, 1, 3, 1000, 1, 0, 0, 0, 0, 0, 1000, 1, 0, 0, 0, 0, 0)
    body = struct.pack("!III", sequence & 0xffffffff, interface, 1) + struct.pack("!II", 1, len(counters)) + counters
    return struct.pack("!II", 2, len(body)) + body


def sflow(sequence, *samples, agent=0x7f090909, sub_agent=0, said=None):
    return struct.pack("!IIIIIII", 5, 1, agent, sub_agent, sequence & 0xffffffff, 3_600_000, len(samples) if said is None else said) + b"".join(samples)


# --- floods: each sends to `port` for `seconds`; those of TCP to the same port -----------------------------------------

def random_address():
    return f"127.{random.randint(2, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"


def flood_spoofed(port, seconds):
    """A whole v5 datagram from ever new addresses."""
    message = v5(0, 1)
    for _ in paced(seconds, 20_000):
        with sender(random_address()) as s:
            s.sendto(message, ("127.0.0.1", port))


def flood_returning(port, seconds):
    """Whole v5 datagrams from 5,000 addresses, again and again: they earn their places."""
    addresses = [random_address() for _ in range(5000)]
    for n in paced(seconds, 10_000):
        with sender(addresses[n % len(addresses)]) as s:
            s.sendto(v5(n, 1), ("127.0.0.1", port))


def flood_two_octets(port, seconds):
    """`00 05` from ever new addresses."""
    for _ in paced(seconds, 20_000):
        with sender(random_address()) as s:
            s.sendto(b"\x00\x05", ("127.0.0.1", port))


def templates_of(megabytes, fields, known=True):
    def flood(port, seconds):
        s = sender("127.9.9.9")
        to = ("127.0.0.1", port)
        if known:
            for n in range(3):
                s.sendto(v9(n, a_set(0, template(300, FIELDS)), a_set(300, record())), to)
        one = len(template(256, [(1, 4)] * fields))
        count = min(60_000 // one, 8000)
        size = count * one
        n = 0
        # Few messages, made before: the sender shall not be the slow one.
        made = [v9(n, a_set(0, b"".join(template(256 + i, [((n + i) % 60 + 1, 4)] * fields) for i in range(count)))) for n in range(16)]
        for n in paced(seconds, max(1, megabytes * 1e6 / size)):
            s.sendto(made[n % len(made)], to)
    flood.__doc__ = f"Templates of {fields} fields that change with every datagram, {megabytes} MB/s."
    return flood


def flood_proven_templates(port, seconds):
    """Changed templates, each with a record, 500 datagrams a second."""
    s = sender("127.9.9.9")
    for n in paced(seconds, 500):
        fields = FIELDS + [(n % 50 + 100, 4)]
        sets = [part for i in range(10) for part in (a_set(0, template(300 + i, fields)), a_set(300 + i, record() + b"\0\0\0\0"))]
        s.sendto(v9(n, *sets), ("127.0.0.1", port))


def flood_withdrawals(port, seconds):
    """Withdrawals of all templates in the name of the good IPFIX exporter."""
    s = sender(GOOD["ipfix"])
    for n in paced(seconds, 200):
        s.sendto(struct.pack("!HHIII", 10, 24, int(time.time()), 0, 0) + struct.pack("!HHHH", 2, 8, 2, 0), ("127.0.0.1", port))


def flood_options(port, seconds):
    """Sampling options of ever new selectors."""
    s = sender("127.9.9.9")
    layout = struct.pack("!HHHHHHH", 400, 4, 8, 1, 4, 48, 4) + struct.pack("!HH", 34, 4)
    s.sendto(v9(0, a_set(1, layout), a_set(0, template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    for n in paced(seconds, 2000):
        s.sendto(v9(n, a_set(400, b"".join(struct.pack("!III", 0, random.getrandbits(32), random.getrandbits(30) + 1) for _ in range(100)))), ("127.0.0.1", port))


def flood_one_octet(port, seconds):
    """Records of one octet, 65,000 in a datagram, 19 MB/s."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(256, [(4, 1)]) + template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    message = v9(1, a_set(256, bytes(65_000)))
    for _ in paced(seconds, 300):
        s.sendto(message, ("127.0.0.1", port))


def flood_eight_octets(port, seconds):
    """The shortest records that are stored, 8,000 in a datagram, 19 MB/s."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(256, [(8, 4), (12, 4)]) + template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    made = [v9(1, a_set(256, random.randbytes(65_000))) for _ in range(16)]
    for n in paced(seconds, 300):
        s.sendto(made[n % 16], ("127.0.0.1", port))


def flood_many_fields(port, seconds):
    """Templates of 16,000 fields."""
    s = sender("127.9.9.9")
    message = v9(0, a_set(0, template(256, [(1, 4)] * 16_000)))
    for _ in paced(seconds, 300):
        s.sendto(message, ("127.0.0.1", port))


def flood_rates(port, seconds):
    """A sampling rate made up for every record."""
    s = sender("127.9.9.9")
    fields = FIELDS + [(34, 4)]
    for n in paced(seconds, 500):
        records = b"".join(record() + struct.pack("!I", random.getrandbits(32) | 1) for _ in range(50))
        s.sendto(v9(n, a_set(0, template(300, fields)), a_set(300, records)), ("127.0.0.1", port))


def flood_counters(port, seconds):
    """Counters that no link has."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(301, FIELDS)), a_set(301, record())), ("127.0.0.1", port))
    fields = [(8, 4), (12, 4), (1, 8), (2, 8), (34, 4)]
    for n in paced(seconds, 200):
        values = [(1 << 63, 1, 0), (1 << 56, 1, 0xffffffff), (1 << 55, 1, 1 << 31), (1, 1 << 63, 0), ((1 << 64) - 1, (1 << 64) - 1, 1)]
        records = b"".join(struct.pack("!IIQQI", 1, 2, *v) for v in values)
        s.sendto(v9(n, a_set(0, template(300, fields)), a_set(300, records)), ("127.0.0.1", port))


def flood_waiting(port, seconds):
    """Data without a template."""
    s = sender("127.9.9.9")
    for n in range(3):
        s.sendto(v9(n, a_set(0, template(300, FIELDS)), a_set(300, record())), ("127.0.0.1", port))
    made = [v9(n, *[a_set(1000 + n, bytes(8)) for _ in range(5000)]) for n in range(16)]
    for n in paced(seconds, 500):
        s.sendto(made[n % 16], ("127.0.0.1", port))


def flood_sflow_agents(port, seconds):
    """Agents made up for every datagram, by one sender that proves itself first."""
    s = sender("127.9.9.9")
    for n in paced(seconds, 10_000):
        agent = 0x7f090909 if n < 100 else random.getrandbits(32)
        s.sendto(sflow(n, flow_sample(n, frame(random.getrandbits(32), 2)), agent=agent, sub_agent=random.getrandbits(32)), ("127.0.0.1", port))


def flood_sflow_sources(port, seconds):
    """Counters and samples of ever new interfaces, each with a rate of its own."""
    s = sender("127.9.9.9")
    head = frame(1, 2)
    for n in paced(seconds, 1_000):
        samples = [part for i in range(10) for part in (counter_sample(n, random.getrandbits(24)),
                                                        flow_sample(n, head, random.getrandbits(30) + 1, random.getrandbits(24)))]
        s.sendto(sflow(n, *samples), ("127.0.0.1", port))


def flood_sflow_lengths(port, seconds):
    """Samples that say that they are longer than the datagram, or that there are four thousand million of them."""
    s = sender("127.9.9.9")
    good = flow_sample(1, frame(1, 2))
    for n in range(10):
        s.sendto(sflow(n, good), ("127.0.0.1", port))
    for n in paced(seconds, 10_000):
        lie = struct.pack("!II", random.choice((1, 2, 3, 4, 5)), random.choice((0, 3, 0xffff, 0xfffffffc, 0xffffffff)))
        s.sendto(sflow(n, *[good] * (n % 10), lie, said=0xffffffff), ("127.0.0.1", port))


def flood_sflow_tags(port, seconds):
    """Frames of a thousand VLAN tags, 40 of them in a datagram, 50 MB/s."""
    s = sender("127.9.9.9")
    s.sendto(sflow(0, flow_sample(1, frame(1, 2))), ("127.0.0.1", port))
    tall = flow_sample(1, frame(1, 2, tags=370))
    message = sflow(1, *[tall] * 38)
    for _ in paced(seconds, 50e6 / len(message)):
        s.sendto(message, ("127.0.0.1", port))


def connected(port, address):
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(0.5)
    s.bind((address, 0))
    s.connect(("127.0.0.1", port))
    return s


def flood_tcp_silent(port, seconds):
    """Connections that say nothing, 500 a second, kept open until they are closed."""
    held = []
    for _ in paced(seconds, 500):
        try:
            held.append(connected(port, random_address()))
        except OSError:
            pass
        if len(held) > 800:
            held.pop(random.randrange(len(held))).close()


def flood_tcp_slow(port, seconds):
    """200 connections that each send an octet of a whole message a second."""
    message = ipfix(0, a_set(2, template(300, FIELDS)), a_set(300, record() * 50))
    held = {}
    for n in paced(seconds, 200):
        slot = n % 200
        try:
            if slot not in held:
                held[slot] = [connected(port, "127.9.9.9"), 0]
            s, sent = held[slot]
            s.send(message[sent:sent + 1])
            held[slot][1] = (sent + 1) % len(message)
        except OSError:
            held.pop(slot, None)


def flood_tcp_templates(port, seconds):
    """Templates of 100 fields that change with every message, as fast as they are taken."""
    made = [ipfix(n, a_set(2, b"".join(template(256 + i, [((n + i) % 60 + 1, 4)] * 100) for i in range(140)))) for n in range(16)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with connected(port, "127.9.9.9") as s:
                n = 0
                while time.monotonic() < end:
                    s.sendall(made[n % 16])
                    n += 1
        except OSError:
            time.sleep(0.05)


def flood_tcp_senders(port, seconds):
    """A connection, one whole message and its end, from ever new addresses."""
    message = ipfix(0, a_set(2, template(300, FIELDS)), a_set(300, record()))
    for _ in paced(seconds, 1000):
        try:
            with connected(port, random_address()) as s:
                s.sendall(message)
        except OSError:
            pass


def flood_nothing(port, seconds):
    """No flood: what the others are held against."""
    time.sleep(seconds)


FLOODS = {
    "none": flood_nothing, "spoofed": flood_spoofed, "returning": flood_returning, "two-octets": flood_two_octets,
    "templates-60k": templates_of(0.06, 1), "templates-600k": templates_of(0.6, 1), "templates-50M": templates_of(50, 512),
    "templates-unknown": templates_of(5, 100, known=False), "proven-templates": flood_proven_templates, "withdrawals": flood_withdrawals,
    "options": flood_options, "one-octet": flood_one_octet, "eight-octets": flood_eight_octets, "many-fields": flood_many_fields,
    "rates": flood_rates, "counters": flood_counters, "waiting": flood_waiting,
    "sflow-agents": flood_sflow_agents, "sflow-sources": flood_sflow_sources, "sflow-lengths": flood_sflow_lengths, "sflow-tags": flood_sflow_tags,
    "tcp-silent": flood_tcp_silent, "tcp-slow": flood_tcp_slow, "tcp-templates": flood_tcp_templates, "tcp-senders": flood_tcp_senders,
}


