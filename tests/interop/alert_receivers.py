"""Places that alerts go to, as small servers: HTTP, syslog, a Zabbix server's trapper port, and a mail program."""
import http.server
import json
import re
import socket
import socketserver
import struct
import threading
from pathlib import Path

# RFC 5424 6: HEADER SP STRUCTURED-DATA [SP MSG]. Quotes, backslashes and brackets in values are escaped (6.3.3).
SYSLOG = re.compile(
    r"<(?P<priority>[0-9]|[1-9][0-9]{1,2})>1 "
    r"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6}(?:Z|[+-][0-9]{2}:[0-9]{2})) "
    r"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) (?P<kind>[!-~]{1,32}) "
    r"\[(?P<id>[!#-<>-\\^-~]{1,32})(?P<data>(?: [!#-<>-\\^-~]{1,32}=\"(?:[^\"\\\]]|\\[\"\\\]])*\")*)\] \ufeff(?P<text>[^\x00-\x1f\x7f]*)")


def parse_syslog(message):
    """{"text": …, parameter: value, …}; ValueError when it is not RFC 5424."""
    match = SYSLOG.fullmatch(message.decode("utf-8"))
    if match is None or int(match["priority"]) > 191:
        raise ValueError(f"not RFC 5424: {message!r}")
    data = re.findall(r' ([!#-<>-\\^-~]+)="((?:[^"\\\]]|\\.)*)"', match["data"])
    return {"text": match["text"], **{name: re.sub(r"\\(.)", r"\1", value) for name, value in data}}


class HttpReceiver:
    """Keeps (headers, body) of each POST. status is what it answers; None: it takes the request and says nothing."""

    def __init__(self, port=0, status=200):
        self.status, self.posts, self.released = status, [], threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers), body))
                if receiver.status is None:
                    receiver.released.wait(60)
                    return
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def accepted(self):
        return [json.loads(body) for _, body in self.posts]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class TcpReceiver:
    """Keeps what each connection sent; answer: a function from these bytes to a reply, called until it gives one."""

    def __init__(self, port, answer=lambda received: None):
        self.received = []
        receiver = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                data = b""
                while True:
                    piece = self.request.recv(65536)
                    if not piece:
                        break
                    data += piece
                    reply = answer(data)
                    if reply is not None:
                        self.request.sendall(reply)
                        break
                receiver.received.append(data)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self.server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def zabbix_answer(data):
    """What a trapper port says once the request is whole."""
    if len(data) < 13 or len(data) < 13 + struct.unpack("<Q", data[5:13])[0]:
        return None
    count = len(json.loads(data[13:])["data"])
    body = json.dumps({"response": "success", "info": f"processed: {count}; failed: 0; total: {count}; seconds spent: 0.000055"}).encode()
    return b"ZBXD\x01" + struct.pack("<Q", len(body)) + body


def zabbix_values(received):
    return [item["value"] for data in received for item in json.loads(data[13:])["data"]]


class UdpReceiver:
    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.messages = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        try:
            while True:
                self.messages.append(self.socket.recv(65536))
        except OSError:
            pass

    def close(self):
        self.socket.close()


def make_mail_program(folder):
    """(program, folder of the mails): a sendmail that keeps each mail as a file."""
    program, mails = Path(folder) / "sendmail", Path(folder) / "mails"
    mails.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$*" = "-t -i" ] || exit 64\nt=$(mktemp {mails}/.XXXXXX) && cat > "$t" && mv "$t" "$t.mail"\n')
    program.chmod(0o755)
    return program, mails
