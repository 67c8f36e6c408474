"""Servers that take the messages of alerts: a webhook, and a mail server. They run in threads of the test."""

import json
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Webhook(ThreadingHTTPServer):
    """A webhook that keeps what it is sent, and answers with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _WebhookHandler)
        self.status = 204
        self.received: list[tuple[dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/secret-path"

    def messages(self) -> list[Any]:
        """Return what has been received, as JSON."""
        return [json.loads(body) for _, body in self.received]

    def titles(self) -> list[list[str]]:
        """Return the titles of the articles of each message."""
        return [[each["title"] for each in message["results"]] for message in self.messages()]


class _WebhookHandler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that keeps its mails, and refuses those to the addresses in `refused`."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _MailHandler)
        self.refused: set[str] = set()
        self.mails: list[EmailMessage] = []
        self.logins: list[str] = []


class _MailHandler(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._answer("220 ready")
        for line in self.rfile:
            command, _, rest = line.decode().strip().partition(" ")
            if command.upper() == "DATA":
                self._answer("354 go on")
                self._take_mail()
            elif command.upper() == "RCPT" and rest.partition("<")[2].partition(">")[0] in self.server.refused:
                self._answer("550 nobody is called so")
            elif command.upper() == "EHLO":
                self._answer("250-here\r\n250 AUTH PLAIN")
            elif command.upper() == "AUTH":
                self.server.logins.append(rest)
                self._answer("235 welcome")
            elif command.upper() == "QUIT":
                self._answer("221 bye")
                return
            else:
                self._answer("250 ok")

    def _take_mail(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.server.mails.append(mail)
        self._answer("250 taken")

    def _answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class DrippingServer(socketserver.ThreadingTCPServer):
    """A server that begins an answer, and sends a byte of it now and then, without end."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, beginning: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _DrippingHandler)
        self.beginning = beginning
        self.seconds: list[float] = []


class _DrippingHandler(socketserver.BaseRequestHandler):
    server: DrippingServer

    def handle(self) -> None:
        begun = time.monotonic()
        try:
            self.request.sendall(self.server.beginning)
            while time.monotonic() < begun + 20:
                self.request.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
        self.server.seconds.append(time.monotonic() - begun)


@contextmanager
def receiving(server: socketserver.BaseServer) -> Iterator[None]:
    """Run a server in a thread while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
