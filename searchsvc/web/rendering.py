"""How templates are rendered. A page has dozens of texts and addresses that are the same on the next one."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from time import monotonic
from typing import Any

from flask import Flask, g, url_for
from flask.globals import request_ctx
from flask.templating import Environment

from searchsvc.web.static_files import OWN

_MAX_ADDRESSES = 500
_MAX_PAGES = 50  # one for each language, and for each address of the service


class PageEnvironment(Environment):
    """Flask's environment, with the globals of each template as a plain dict.

    Jinja copies them for every page, include and import. Out of its ChainMap, that takes a tenth of the time of a page.
    Globals that are added after a template was loaded are unknown to it.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def install(app: Flask) -> None:
    """Have the templates of an application rendered so. Nothing may have asked for its environment yet."""
    app.jinja_environment = PageEnvironment
    app.jinja_env.globals["url_for"] = _PageAddresses().url_for


class RenderedPages:
    """Pages that are the same for every reader with the same entity tag, but for those who can log out."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], str] = {}

    def get(self, render: Callable[[], str]) -> str:
        """Return the page of the current request, rendered now unless it is known."""
        if "tag" not in g:
            return render()
        key = g.tag, g.get("has_session", False)
        page = self._known.get(key)  # other threads may forget it at any moment
        if page is None:
            if len(self._known) >= _MAX_PAGES:
                self._known.clear()
            self._known[key] = page = render()
        return page


class _PageAddresses:
    """Addresses that templates have asked for, each for a second: Flask takes 7 µs for one, and a page has twenty."""

    def __init__(self) -> None:
        self._known = lru_cache(_MAX_ADDRESSES)(self._of_second)

    def url_for(self, endpoint: str, **values: Any) -> str:
        """Return what Flask's function does, except that hashes of our own static files may be a second old."""
        adapter, options = request_ctx.url_adapter, any(name.startswith("_") for name in values)
        if adapter is None or options or endpoint == OWN or endpoint.startswith("."):
            return url_for(endpoint, **values)
        return self._known(int(monotonic()), adapter.script_name, endpoint, **values)

    def _of_second(self, _second: int, _prefix: str, endpoint: str, **values: Any) -> str:
        return url_for(endpoint, **values)
