"""Sending a message to a target: a request to a webhook, or a mail.

Requests are signed as Standard Webhooks describes (https://www.standardwebhooks.com): a receiver checks the signature, and
recognises a repetition by the id. Nothing of an article or a query is in a header.
"""

import base64
import binascii
import hmac
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.client import HTTPException
from time import time
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from searchsvc.config import Settings
from searchsvc.errors import SearchsvcError

TIMEOUT = 10.0
"""Seconds that a server may take to connect, and for each step of its answer."""
_SECRET_PREFIX = "whsec_"  # noqa: S105  of secrets that are written in base64


class DeliveryError(SearchsvcError):
    """A target has not taken a message. The text says why, without what may be secret in its address."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow no redirect: it could lead anywhere, and would repeat the request without its body."""


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
    request = Request(address, body, headers, method="POST")  # noqa: S310  the settings allow http and https only
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT):
            return  # the answer's text does not matter, and may have no end
    except HTTPError as error:
        with error:
            raise DeliveryError(f"it answered with status {error.code}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise DeliveryError(_reason(error)) from error


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
        try:
            self._server.send_message(mail)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise DeliveryError(_reason(error)) from error


@contextmanager
def mail_server(settings: Settings) -> Iterator[Mailer]:
    """Connect to the mail server of the settings, and log in. Raise DeliveryError if that fails."""
    try:
        server = _connect(settings)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"the mail server {settings.smtp_host}: {_reason(error)}") from error
    try:
        yield Mailer(server)
    finally:
        _quit(server)


def _connect(settings: Settings) -> smtplib.SMTP:
    """Return a connection after login. Certificates are always checked."""
    address, context = (settings.smtp_host, settings.smtp_port), ssl.create_default_context()
    if settings.smtp_tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(*address, timeout=TIMEOUT)
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def _quit(server: smtplib.SMTP) -> None:
    try:
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
