"""Citations of an article: as files, and on its page."""

from dataclasses import replace
from typing import NamedTuple

import orjson
from flask import Response
from markupsafe import Markup, escape

from searchsvc.api.citations import FORMATS, STYLES, CitationFormat, Run, json_ld, meta_tags
from searchsvc.api.citations.bibtex import key
from searchsvc.model.article import Article
from searchsvc.web.attachments import attach

_MAX_VALUES = 100  # authors and tags of an article that are cited on its page
_IN_SCRIPTS = {ord("<"): r"\u003c", ord(">"): r"\u003e", ord("&"): r"\u0026"}


class Cited(NamedTuple):
    """A citation on a page: its name, its text, that as HTML, and the address of its file, or None if it has none."""

    name: str
    html: Markup
    file: str | None = None


def citation_file(article: Article, form: CitationFormat, address: str) -> Response:
    """Return a citation as a file that is named by its key. `address` is that of the article's page."""
    _, media_type, write = FORMATS[form]
    charset = "" if media_type.endswith("json") else "; charset=utf-8"
    answer = Response(write(article, address), content_type=media_type + charset)
    return attach(answer, f"{key(article)}.{form}")


def citation_parts(article: Article, path: str, address: str) -> dict[str, object]:
    """Return what the templates show of an article's citations, and the tags and the data of its page.

    `path` is the address of the page, and `address` the same with its scheme and host.
    """
    cited = replace(article, author=article.author[:_MAX_VALUES], tag=article.tag[:_MAX_VALUES])
    texts = [Cited(name, _html(style(cited, address))) for name, style in STYLES.items()]
    files = [
        Cited(name, escape(write(cited, address).rstrip()), f"{path}.{form}") for form, (name, _, write) in FORMATS.items()
    ]
    return {
        "address": address,
        "cited_texts": texts,
        "cited_files": files,
        "alternates": [(f"{path}.{form}", media_type) for form, (_, media_type, _) in FORMATS.items()],
        "tags": list(meta_tags(cited, address)),
        "json_ld": _script_data(json_ld(cited, address)),
    }


def _html(runs: tuple[Run, ...]) -> Markup:
    """Return the parts of a citation as HTML. They may be in other scripts than each other."""
    return Markup(" ").join(
        Markup("<bdi><i>{}</i></bdi>" if run.italic else "<bdi>{}</bdi>").format(run.text.rstrip())  # noqa: S704
        for run in runs
    )


def _script_data(data: dict[str, object]) -> Markup:
    """Return JSON that cannot end the script element around it."""
    return Markup(orjson.dumps(data).decode().translate(_IN_SCRIPTS))  # noqa: S704  nothing of it is markup any more
