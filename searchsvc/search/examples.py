"""Example queries made of an archive's own words, so that each of them finds something."""

from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

from searchsvc.engines.protocol import Engine
from searchsvc.index import GenerationInfo
from searchsvc.model.article import METADATA
from searchsvc.query.letters import count_letters, is_letter
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest

_LETTERS = range(4, 21)  # of a word in an example


class Example(NamedTuple):
    """A query and its meaning."""

    query: str
    meaning: str


def examples(engine: Engine, info: GenerationInfo) -> tuple[Example, ...]:
    """Return an example of each operator. Return () if no title has two adjacent words."""
    field = next((name for name in METADATA if name in info.fields), "")
    request = SearchRequest(sort="newest", per_page=30, facets=(field,) if field else (), date_facet=True)
    page = engine.search(request)
    pairs = [pair for each in page.articles for pair in _neighbours(each.article.title)]
    if not pairs:
        return ()
    first, second, together = pairs[0]
    facets = page.facets()
    years = facets.dates.values if facets.dates else ()
    year = max(years, key=lambda value: value.count).value if years else ""
    found = [
        Example(f"{first} {second}", "both words, in any form"),
        Example(f'"{together}"', "this exact phrase"),
        Example(f'"{together}"~', "this phrase, its words in any form"),
        Example(f"={first}", "the word as written, in no other form"),
        Example(f'"{second} {first}"~5', "these words near each other, within five steps"),
        Example(f"{first} OR {second}", "either word"),
        Example(f"{first} -{second}", "the first word without the second word"),
        Example(f"{first[:4]}*", "words with this prefix; ? stands for one letter"),
        Example(f"{_misspelt(second)}~", "one typing mistake; ~2 allows two"),
        Example(f"title:{first}", "in the title; body: searches the text"),
        Example(f"{first}^3 OR {second}", "the first word counts more"),
    ]
    meaning = f"in the field {field}; every metadata field works"
    values = (value.value.replace('"', " ") for facet in facets.fields for value in facet.values[:1])
    found += [Example(f'{field}:"{value}"', meaning) for value in values]
    if year:
        found.append(Example(f"date:{year}", "a year, a month or a day"))
        found.append(Example(f"after:{int(year) - 1:04d} before:{int(year) + 1:04d}", "between two dates, both excluded"))
    parsed = ((example, parse(example.query, info.fields)) for example in found)
    return tuple(example for example, (tree, notes) in parsed if not notes and engine.count(SearchRequest(tree)))


def _neighbours(title: str) -> Iterator[tuple[str, str, str]]:
    """Yield each two different adjacent words of a title, and both as a phrase."""
    spelled = "".join(char if char == " " or (is_letter(char) and not char.isnumeric()) else "," for char in title)
    for one, other in chain.from_iterable(pairwise(part.lower().split(" ")) for part in spelled.split(",")):
        if count_letters(one) in _LETTERS and count_letters(other) in _LETTERS and one != other:
            yield one, other, f"{one} {other}"


def _misspelt(word: str) -> str:
    """Return the word with its two middle letters swapped."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
