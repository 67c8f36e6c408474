"""Sending a message to a target: a request to a webhook, or a mail.

Requests are signed as Standard Webhooks describes (https://www.standardwebhooks.com): a receiver checks the signature, and
recognises a repetition by the id. Nothing of an article or a query is in a header.
"""

import base64
import binascii
import hmac
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, OpenerDirector, Request, build_opener

from searchsvc.alerts.deadlines import Deadline
from searchsvc.config import Settings
from searchsvc.errors import SearchsvcError

TIMEOUT = 10.0
"""Seconds that a server may take to connect, and for each step of its answer."""
TOTAL_TIMEOUT = 60.0
"""Seconds that a server may take for all of its answer: to a request, to a login, to a mail."""
_SECRET_PREFIX = "whsec_"  # noqa: S105  of secrets that are written in base64


class DeliveryError(SearchsvcError):
    """A target has not taken a message. The text says why, without what may be secret in its address."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect: it could lead anywhere, and would repeat the request without its body."""


class _Http(HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._connect = partial(_connection, HTTPConnection, deadline)

    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connect, req)


class _Https(HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._connect = partial(_connection, HTTPSConnection, deadline)

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(self._connect, req)


def _connection(kind: type[HTTPConnection], deadline: Deadline, host: str, **options: Any) -> HTTPConnection:
    connection = kind(host, **options)
    connection._create_connection = deadline.connect  # type: ignore[attr-defined]  # where it opens its socket
    return connection


def _opener(deadline: Deadline) -> OpenerDirector:
    return build_opener(_NoRedirects, _Http(deadline), _Https(deadline))


@contextmanager
def _delivering(where: str = "") -> Iterator[Deadline]:
    """Raise DeliveryError if the block fails, or takes more time than a server may take for all of its answer."""
    with Deadline(TOTAL_TIMEOUT) as deadline:
        try:
            yield deadline
        except (OSError, HTTPException, smtplib.SMTPException, ValueError) as error:
            reason = f"no whole answer within {TOTAL_TIMEOUT:.0f} seconds" if deadline.has_passed else _reason(error)
            raise DeliveryError(where + reason) from error


def post(address: str, body: bytes, key: str, secret: str) -> None:
    """Post a message to a webhook. Raise DeliveryError unless its answer has a status from 200 to 299."""
    now = int(time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "searchsvc",
        "Webhook-Id": key,
        "Webhook-Timestamp": str(now),
    }
    if secret:
        headers["Webhook-Signature"] = sign(body, key, now, secret)
    with _delivering() as deadline:
        request = Request(address, body, headers, method="POST")  # noqa: S310  the settings allow http and https only
        try:
            with _opener(deadline).open(request, timeout=TIMEOUT):
                deadline.check()  # the answer's text does not matter, and may have no end
        except HTTPError as error:
            with error:
                raise DeliveryError(f"it answered with status {error.code}") from error


def sign(body: bytes, key: str, timestamp: int, secret: str) -> str:
    """Return the signature of a request: HMAC with SHA-256 of its id, its time and its body, in base64."""
    signed = f"{key}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, 'sha256')).decode()}"


def _key(secret: str) -> bytes:
    if secret.startswith(_SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass  # a secret of one's own that begins so
    return secret.encode()


class Mailer:
    """A connection to the mail server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, mail: EmailMessage) -> None:
        """Send a mail. Raise DeliveryError if the server does not take it."""
        with _delivering() as deadline:
            if self._server.sock is not None:
                deadline.watch(self._server.sock)
            self._server.send_message(mail)


@contextmanager
def mail_server(settings: Settings) -> Iterator[Mailer]:
    """Connect to the mail server of the settings, and log in. Raise DeliveryError if that fails."""
    with _delivering(f"the mail server {settings.smtp_host}: ") as deadline:
        server = _connect(settings, deadline)
    try:
        yield Mailer(server)
    finally:
        _quit(server)


class _Smtp(smtplib.SMTP):
    def __init__(self, deadline: Deadline, host: str, port: int) -> None:
        self._deadline = deadline
        super().__init__(host, port, timeout=TIMEOUT)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._deadline.connect((host, port), timeout)


class _SmtpTls(smtplib.SMTP_SSL):
    def __init__(self, deadline: Deadline, host: str, port: int, context: ssl.SSLContext) -> None:
        self._deadline = deadline
        super().__init__(host, port, timeout=TIMEOUT, context=context)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.context.wrap_socket(self._deadline.connect((host, port), timeout), server_hostname=host)


def _connect(settings: Settings, deadline: Deadline) -> smtplib.SMTP:
    """Return a connection after login. Certificates are always checked."""
    host, port, context = settings.smtp_host, settings.smtp_port, ssl.create_default_context()
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = _SmtpTls(deadline, host, port, context)
    else:
        server = _Smtp(deadline, host, port)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            _login(server, settings)
        deadline.check()
    except BaseException:
        server.close()
        raise
    return server


def _login(server: smtplib.SMTP, settings: Settings) -> None:
    if not (settings.smtp_user + settings.smtp_password).isascii():
        # Python's library would fail within its own dialogue.
        raise DeliveryError("smtp_user and smtp_password can have ASCII characters only")
    server.login(settings.smtp_user, settings.smtp_password)


def _quit(server: smtplib.SMTP) -> None:
    try:
        with Deadline(TIMEOUT) as deadline:
            if server.sock is not None:
                deadline.watch(server.sock)
            server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _reason(error: Exception) -> str:
    """Return why something failed, in one line and without any address."""
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _answered(*next(iter(error.recipients.values())))
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:.0f} seconds"
    strerror = error.strerror if isinstance(error, OSError) else None
    return " ".join((strerror or type(error).__name__).split())[:200]


def _answered(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(f"it answered {code} {text}".split())[:200]
