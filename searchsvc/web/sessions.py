"""Login sessions of browsers: Flask's signed cookie with a random id, valid until logout, for thirty days at most."""

import datetime as dt
import hashlib
import logging
import secrets
from pathlib import Path
from time import time

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from searchsvc.errors import UserError
from searchsvc.index.store import GenerationStore
from searchsvc.web.target import request_addresses

_log = logging.getLogger(__name__)

COOKIE = "searchsvc"
COOKIE_SECONDS = 30 * 86_400
KEY_COST = 2**14  # of scrypt, so slow that guessing the token from a cookie is hopeless
FOLDER = ".sessions"
"""Folder in the index folder with an empty file for each session that has ended, for all workers, also after a restart."""


class _Cookies(SecureCookieSessionInterface):
    """Flask's sessions, whose cookie is for this service only, wherever a proxy has mounted it."""

    salt = "searchsvc session"
    digest_method = staticmethod(hashlib.sha256)

    def get_cookie_path(self, app: Flask) -> str:
        """Return the prefix of the service, so that the cookie is not sent to other services of the host."""
        return request_addresses().prefix or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the request came over TLS, as all later ones with its cookie then have to."""
        return request.is_secure


class Sessions:
    """The sessions of a private archive, signed with a key made from its token. A new token therefore ends them all."""

    def __init__(self, token: str, store: GenerationStore) -> None:
        self._token = token
        self._store = store
        self._ended = store.folder / FOLDER

    def install(self, app: Flask) -> None:
        """Have Flask sign the sessions of an application, in the same way in all workers and after a restart."""
        app.secret_key = hashlib.scrypt(self._token.encode(), salt=b"searchsvc session", n=KEY_COST, r=8, p=1)
        app.session_interface = _Cookies()
        app.permanent_session_lifetime = dt.timedelta(seconds=COOKIE_SECONDS)
        # A session ends thirty days after the login, however often it is used.
        app.config |= {"SESSION_COOKIE_NAME": COOKIE, "SESSION_REFRESH_EACH_REQUEST": False}
        app.config |= {"SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax"}

    def begin(self) -> None:
        """Begin a session. The answer to the current request sets its cookie."""
        session.clear()
        session.permanent = True
        session["id"] = secrets.token_urlsafe(18)

    def is_open(self) -> bool:
        """Return whether the current request has the cookie of a session that has not ended."""
        return "id" in session and not (self._ended / session["id"]).exists()

    def end(self) -> None:
        """End the session of the current request in all workers. The answer removes its cookie."""
        if "id" in session:
            try:
                self._record_end(session["id"])
            except (OSError, UserError) as error:
                # The reader's browser has to forget the cookie all the same.
                _log.error("a session could not be ended for copies of its cookie: %s", error)
        session.clear()

    def _record_end(self, session_id: str) -> None:
        self._store.create_folder()
        self._ended.mkdir(exist_ok=True)
        (self._ended / session_id).touch()
        _delete_older(self._ended, time() - COOKIE_SECONDS)


def _delete_older(folder: Path, than: float) -> None:
    """Delete the files of sessions whose cookies have expired anyway."""
    for file in folder.iterdir():
        if file.stat().st_mtime < than:
            file.unlink(missing_ok=True)
