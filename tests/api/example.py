"""An archive without an index: the facts that parameters depend on."""

from typing import NamedTuple
from urllib.parse import parse_qsl

from searchsvc.api.parameters import parse_question, parse_search
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import METADATA
from searchsvc.query.parser import ParsedQuery, parse
from searchsvc.query.request import Match
from searchsvc.search.number_values import NumberValues
from searchsvc.search.question import Question

FIELDS = ("place", "mood", "page", "date", "x.y", "x.y=", "geo:lat", "-x", "a\\b", "none", "filter")
INFO = GenerationInfo(
    *("tantivy", 1, 1, ("english",)),
    articles=89,
    failures=0,
    created="2026-01-31T12:00:00+00:00",
    fields=dict.fromkeys(FIELDS, (9, 3)),
)


class Archive(NamedTuple):
    """The fields of an archive, and the facets that it counts by default, on pages and for programs."""

    fields: frozenset[str] = frozenset((*FIELDS, *METADATA))
    default_facets: tuple[str, ...] = ("place", "mood")
    quick_facets: tuple[str, ...] = ("mood",)

    def numbers(self, field: str) -> NumberValues:
        """Return the numbers of a field that has the pages 7 to 12, and one that is written in two ways."""
        values = {"7": 7.0, "07": 7.0, "10": 10.0, "12": 12.0} if field == "page" else {}
        return NumberValues(list(values.values()), list(values), True)

    def parse(self, text: str, match: Match) -> ParsedQuery:
        return parse(text, self.fields, match)


def pairs_of(address: str) -> list[tuple[str, str]]:
    """Return the parameters of an address."""
    return parse_qsl(address.partition("?")[2], keep_blank_values=True)


def question_of(query: str, *, strict: bool = True, choose_facets: bool = False) -> Question:
    """Return the question that a query string asks of the archive."""
    pairs, archive = pairs_of(f"?{query}"), Archive()
    return parse_search(pairs, archive)[0] if choose_facets else parse_question(pairs, archive, strict=strict)
