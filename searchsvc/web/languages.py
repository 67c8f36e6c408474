"""The language of the pages: which one a request gets, and how readers choose another.

It makes no difference to what a search finds. Programs are answered in English, unless they ask for another language.
"""

from collections.abc import Iterator
from contextvars import ContextVar
from typing import NamedTuple
from urllib.parse import quote, urlencode

from flask import Flask, Response, current_app, has_request_context, request
from werkzeug.local import LocalProxy

from searchsvc.api.parameter_reader import LANG
from searchsvc.config import Settings
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.web.negotiation import has_page
from searchsvc.web.target import request_addresses

COOKIE = "searchsvc_lang"
COOKIE_SECONDS = 365 * 86_400


class Language(NamedTuple):
    """A language of the pages.

    `tag` is for HTML and scripts (BCP 47). `locale` has the rules of the CLDR for dates and numbers. `name` is what its
    speakers call it. `comma` stands between the values of a list.
    """

    code: str
    tag: str
    locale: str
    name: str
    direction: str = "ltr"
    full_stop: str = "."
    comma: str = ", "


LANGUAGES = {
    each.code: each
    for each in (
        Language("en", "en", "en", "English"),
        Language("de", "de", "de", "Deutsch"),
        Language("fr", "fr", "fr", "Français"),
        Language("es", "es", "es", "Español"),
        Language("hi", "hi", "hi", "हिन्दी", full_stop="।"),
        # The digits of the query language, of addresses and of most newspapers on the web; scripts follow the tag.
        Language("ar", "ar-u-nu-latn", "ar", "العربية", "rtl", comma="، "),
        Language("zh", "zh-Hans", "zh_Hans", "简体中文", full_stop="。", comma="、"),
    )
}
_ENGLISH = LANGUAGES[PAGE_LANGUAGES[0]]
_known: ContextVar[Language | None] = ContextVar("language", default=None)
"""That of the current request, once it is chosen. A page asks two hundred times, for which `flask.g` is too slow."""
_IN_PATHS = "/:@!$&'()*+,;=~"


def install(app: Flask, settings: Settings) -> None:
    """Have an application choose a language for each request, and remember the one that a reader has chosen."""
    app.extensions["page_language"] = settings.page_language
    app.jinja_env.globals |= {"interface": LocalProxy(page_language), "interface_languages": interface_languages}
    app.after_request(_finish)
    app.teardown_request(_forget)


def page_language() -> Language:
    """Return the language of the current request. It is English outside of one."""
    return _known.get() or (_chosen_language() if has_request_context() else _ENGLISH)


def _chosen_language() -> Language:
    """Choose the language of a request, and remember it."""
    chosen: Language = LANGUAGES[_preferred() if has_page() else _asked() or _ENGLISH.code]
    _known.set(chosen)
    return chosen


def use_language(code: str) -> None:
    """Answer the current request in a language that its body chose. Anything else is ignored."""
    if code in LANGUAGES:
        _known.set(LANGUAGES[code])


def interface_languages() -> Iterator[tuple[Language, str]]:
    """Yield each language with the address of the current page in it, or of the home page if there is no such page."""
    path, others = "/", list[tuple[str, str]]()
    if request.url_rule is not None:
        path, others = request.path, [pair for pair in request.args.items(multi=True) if pair[0] != LANG]
    start = f"{request_addresses().to(quote(path, safe=_IN_PATHS))}?{urlencode([*others, (LANG, '')])}"
    yield from ((each, start + each.code) for each in LANGUAGES.values())


def _asked() -> str:
    """Return the language that the address chooses, or "" if it chooses none of those there are."""
    code = request.args.get(LANG, "")
    return code if code in LANGUAGES else ""


def _preferred() -> str:
    remembered = request.cookies.get(COOKIE, "")
    if chosen := _asked() or (remembered if remembered in LANGUAGES else ""):
        return chosen
    default: str = current_app.extensions["page_language"]
    return default or next(_accepted(), _ENGLISH.code)


def _accepted() -> Iterator[str]:
    """Yield the languages that the browser asks for, best first. de-AT is as good as de."""
    for tag, quality in request.accept_languages:
        code = tag.partition("-")[0].lower()
        if quality and code in LANGUAGES:
            yield code


def _finish(response: Response) -> Response:
    """Remember the language that the address of a page chooses, and tell caches that pages depend on more than that."""
    if has_page():
        _remember(_asked(), response)
        if response.mimetype == "text/html":
            response.headers["Vary"] = ", ".join((*response.headers.getlist("Vary"), "Accept-Language", "Cookie"))
    return response


def _remember(chosen: str, response: Response) -> None:
    """Set the cookie of a language, unless the reader has it."""
    if chosen and chosen != request.cookies.get(COOKIE):
        path = request_addresses().prefix or "/"
        response.set_cookie(
            COOKIE, chosen, COOKIE_SECONDS, path=path, secure=request.is_secure, httponly=True, samesite="Lax"
        )


def _forget(_error: BaseException | None) -> None:
    _known.set(None)
