"""Answers every DNS query on UDP 53, IPv4 and IPv6, with one address: A 192.0.2.42, otherwise 2001:db8::42.
Message format: RFC 1035, section 4."""
import ipaddress
import selectors
import socket


def answer(question):
    name_end = question.index(b"\0", 12) + 1
    kind = question[name_end:name_end + 2]
    address = ipaddress.ip_address("192.0.2.42" if kind == b"\0\1" else "2001:db8::42").packed
    header = question[:2] + bytes.fromhex("81800001000100000000")  # an answer, no error; one question, one answer
    record = bytes.fromhex("c00c") + kind + bytes.fromhex("00010000003c") + len(address).to_bytes(2, "big") + address
    return header + question[12:name_end + 4] + record


def main():
    selector = selectors.DefaultSelector()
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_DGRAM)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, 53))
        selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            question, sender = key.fileobj.recvfrom(2048)
            key.fileobj.sendto(answer(question), sender)


if __name__ == "__main__":
    main()
