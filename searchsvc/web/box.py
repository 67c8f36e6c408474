"""What the script of the search box needs: names of groups of suggestions, and texts for their number."""

from collections.abc import Iterator
from functools import lru_cache
from html import escape

import orjson
from flask import g
from flask_babel import gettext, ngettext
from markupsafe import Markup

from searchsvc.model.article import METADATA
from searchsvc.search.searcher import Searcher
from searchsvc.web.labels import Labels, language
from searchsvc.web.plurals import plural_samples


class BoxTexts:
    """The texts as attributes of an element, in the language of the interface."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._attributes = lru_cache(maxsize=50)(self._written)  # the same on every page

    def __call__(self) -> Markup:
        searcher: Searcher | None = g.get("searcher")
        return self._attributes(language(), searcher.default_facets if searcher else ())

    def _written(self, _language: str, fields: tuple[str, ...]) -> Markup:
        pairs = (f'data-{name}="{escape(text)}"' for name, text in self._texts(fields))
        return Markup(" ".join(pairs))  # noqa: S704  the texts are escaped

    def _texts(self, fields: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        groups = {name: self._labels.of_group(name) for name in (*METADATA, *fields)}
        yield "label", gettext("Suggestions")
        yield "words", gettext("Words")
        yield "titles", gettext("Articles")
        yield "fields", orjson.dumps(groups).decode()
        for category, sample in plural_samples():
            yield category, ngettext("%(number)s suggestion", "%(number)s suggestions", sample, number="{}")
