"""Examples of the query language made of an archive's own words, so that each of them finds something there."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from searchsvc.engines.protocol import Engine
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import METADATA
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest

_WORD = re.compile(r"[^\W\d_]{4,20}")
_SAMPLE = 30
"""The newest articles, in whose titles words are looked for."""


class Example(NamedTuple):
    """A query, and what it asks for."""

    query: str
    meaning: str


def examples(engine: Engine, info: GenerationInfo) -> tuple[Example, ...]:
    """One for each operator; none where the archive has no two words."""
    field = next((name for name in METADATA if name in info.fields), "")
    request = SearchRequest(sort="newest", per_page=_SAMPLE, facets=tuple(filter(None, (field, "date"))))
    results = engine.search(request)
    pairs = [pair for hit in results.hits for pair in _neighbours(hit.article.title)]
    if not pairs:
        return ()
    first, second, together = pairs[0]
    years = [value for facet in results.facets if facet.unit for value in facet.values]
    year = max(years, key=lambda value: value.count).value if years else ""
    values = [value.value for facet in results.facets if not facet.unit for value in facet.values[:1]]
    found = [
        Example(f"{first} {second}", "articles with all of the words"),
        Example(f'"{together}"', "the words side by side"),
        Example(f'"{second} {first}"~5', "near each other, at most five steps apart"),
        Example(f"{first} OR {second}", "either of them"),
        Example(f"{first} -{second}", "without the second"),
        Example(f"{first[:4]}*", "words that begin so; ? stands for one letter"),
        Example(f"{_misspelt(second)}~", "with a typing mistake, ~2 with two"),
        Example(f"title:{first}", "in the title; body: in the text"),
        Example(f"{first}^3 OR {second}", "the first weighs more"),
    ]
    found += [Example(f'{field}:"{_quotable(value)}"', f"in the field {field}; any field works") for value in values]
    if year:
        found.append(Example(f"date:{year}", "a year, a month or a day"))
        found.append(Example(f"after:{int(year) - 1:04d} before:{int(year) + 1:04d}", "between two dates, both left out"))
    return tuple(example for example in found if not parse(example.query, info.fields).notes)


def _neighbours(title: str) -> Iterator[tuple[str, str, str]]:
    """Different words that stand side by side in a title, and the two as they stand there."""
    for one, other in pairwise(_WORD.finditer(title)):
        between = title[one.end() : other.start()]
        if between == " " and one[0].casefold() != other[0].casefold():
            yield one[0].lower(), other[0].lower(), title[one.start() : other.end()].lower()


def _misspelt(word: str) -> str:
    """The word with two letters in the middle exchanged."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]


def _quotable(value: str) -> str:
    return value.replace('"', " ")
