"""Login sessions of browsers: a signed cookie with a random id, which is valid until logout, for thirty days at most."""

import hashlib
import logging
import secrets
from pathlib import Path
from time import time

from flask import Response, request
from itsdangerous import BadSignature, TimestampSigner

from searchsvc.api.links import mounted
from searchsvc.errors import UserError
from searchsvc.index.store import GenerationStore

_log = logging.getLogger(__name__)

COOKIE = "searchsvc"
COOKIE_SECONDS = 30 * 86_400
FOLDER = ".sessions"
"""Folder in the index folder with an empty file for each session that has ended, for all workers, also after a restart."""


class Sessions:
    """The sessions of a private archive, signed with a key made from its token. A new token therefore ends them all."""

    def __init__(self, token: str, store: GenerationStore) -> None:
        # Deriving the key is slow, so that nobody can guess the token from a cookie by trying many.
        key = hashlib.scrypt(token.encode(), salt=b"searchsvc session", n=2**14, r=8, p=1)
        self._signer = TimestampSigner(key, "searchsvc session", digest_method=hashlib.sha256)
        self._store = store
        self._ended = store.folder / FOLDER

    def begin(self, answer: Response) -> None:
        """Begin a session, and send its cookie with an answer."""
        _send_cookie(answer, self._signer.sign(secrets.token_urlsafe(18)).decode(), COOKIE_SECONDS)

    def is_open(self) -> bool:
        """Return whether the current request has the cookie of a session that has not ended."""
        session = self._session()
        return session is not None and not (self._ended / session).exists()

    def end(self, answer: Response) -> None:
        """End the session of the current request in all workers, and remove its cookie with an answer."""
        if session := self._session():
            try:
                self._record_end(session)
            except (OSError, UserError) as error:
                # The reader's browser has to forget the cookie all the same.
                _log.error("a session could not be ended for copies of its cookie: %s", error)
        _send_cookie(answer, "", 0)

    def _record_end(self, session: str) -> None:
        self._store.create_folder()
        self._ended.mkdir(exist_ok=True)
        (self._ended / session).touch()
        _delete_older(self._ended, time() - COOKIE_SECONDS)

    def _session(self) -> str | None:
        """Return the id in the cookie of the current request. Return None if it has none, or one that is forged or old."""
        try:
            return self._signer.unsign(request.cookies.get(COOKIE, ""), COOKIE_SECONDS).decode()
        except BadSignature:
            return None


def _send_cookie(answer: Response, value: str, seconds: int) -> None:
    path = mounted("") or "/"
    answer.set_cookie(COOKIE, value, seconds, path=path, secure=request.is_secure, httponly=True, samesite="Lax")


def _delete_older(folder: Path, than: float) -> None:
    """Delete the files of sessions whose cookies have expired anyway."""
    for file in folder.iterdir():
        if file.stat().st_mtime < than:
            file.unlink(missing_ok=True)
