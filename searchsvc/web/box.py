"""What the script of the search box needs: names of groups of suggestions, and texts for their number."""

from collections.abc import Iterator
from functools import lru_cache
from html import escape

import orjson
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

from searchsvc.web.plurals import plural_samples


def box_texts() -> Markup:
    """Return the texts as attributes of an element, in the language of the interface."""
    return _attributes(str(get_locale() or "en"))


@lru_cache(maxsize=50)  # the same on every page
def _attributes(_locale: str) -> Markup:
    pairs = (f'data-{name}="{escape(text)}"' for name, text in _texts())
    return Markup(" ".join(pairs))  # noqa: S704  the texts are escaped


def _texts() -> Iterator[tuple[str, str]]:
    yield "label", gettext("Suggestions")
    yield "words", gettext("Words")
    yield "titles", gettext("Articles")
    yield "fields", orjson.dumps(_group_names()).decode()
    for category, sample in plural_samples():
        yield category, ngettext("%(number)s suggestion", "%(number)s suggestions", sample, number="{}")


def _group_names() -> dict[str, str]:
    """Return the names of groups of values by field. Those of other fields are the fields themselves."""
    return {
        "source": gettext("Sources"),
        "section": gettext("Sections"),
        "author": gettext("Authors"),
        "place": gettext("Places"),
        "tag": gettext("Tags"),
        "language": gettext("Languages"),
    }
