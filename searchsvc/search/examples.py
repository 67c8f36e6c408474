"""Example queries made of an archive's own words, so that each of them finds something."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from searchsvc.engines.protocol import Engine
from searchsvc.index import GenerationInfo
from searchsvc.messages import Message
from searchsvc.model.article import METADATA
from searchsvc.model.results import Facets
from searchsvc.query.letters import count_letters
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest
from searchsvc.search.example_words import WordPair, word_pair

Task = Literal["words", "quotation", "name", "without", "dates", "fields", "compare"]
_LOOKED_AT = 100  # the newest articles, in whose titles the words are
_AUTHOR = "author"
_SPELLED = 4  # letters of a surname that may be misspelt


class Example(NamedTuple):
    """A query, its meaning, and what people want to do with it. Two searches are compared if there is an `other`."""

    query: str
    meaning: Message
    task: Task
    other: str = ""


def examples(engine: Engine, info: GenerationInfo) -> tuple[Example, ...]:
    """Return an example of each operator. Return () if no title has two adjacent words."""
    others = [name for name in METADATA if name in info.fields and name != _AUTHOR]
    fields = (*others[:1], *((_AUTHOR,) if _AUTHOR in info.fields else ()))
    request = SearchRequest(sort="newest", per_page=_LOOKED_AT, facets=fields, date_facet=True)
    page = engine.search(request)
    pair = word_pair([each.article for each in page.articles])
    if pair is None:
        return ()
    facets = page.facets()
    found = [*_of_words(pair), *_of_fields(pair, facets), *_of_dates(pair, facets)]
    return tuple(each for each in found if _finds_something(each, engine, info))


def _of_words(pair: WordPair) -> Iterator[Example]:
    first, second = pair
    phrase = f"{first} {second}"
    yield Example(phrase, Message("all of the words, in any form"), "words")
    yield Example(f"{first} OR {second}", Message("either of the words"), "words")
    yield Example(f"{first[:4]}*", Message("words that begin with these letters; ? stands for any letter"), "words")
    yield Example(f"{first}^3 {second}", Message("the first word counts more"), "words")
    yield Example(f'"{phrase}"', Message("exactly these words, side by side"), "quotation")
    yield Example(f'"{phrase}"~', Message("these words side by side, in any form"), "quotation")
    yield Example(f'"{second} {first}"~5', Message("these words near each other, within five steps"), "quotation")
    yield Example(f"={first}", Message("this word as written, in no other form"), "quotation")
    yield Example(f"{_misspelt(second)}~", Message("spelled like this, give or take one letter; ~2 allows two"), "words")
    yield Example(f"{first} -{second}", Message("articles with the first word but without the second"), "without")
    yield Example(first, Message("both words as lines on one chart"), "compare", second)


def _of_fields(pair: WordPair, facets: Facets) -> Iterator[Example]:
    yield Example(f"title:{pair.first}", Message("only in titles; body: searches the text"), "fields")
    for facet in facets.fields:
        for value in (each.value.replace('"', " ") for each in facet.values[:1]):
            query = f'{facet.field}:"{value}"'
            if facet.field == _AUTHOR:
                yield from _of_author(query, value)
            else:
                yield Example(
                    query, Message("in the field %(field)s; every metadata field works", field=facet.field), "fields"
                )


def _of_author(query: str, name: str) -> Iterator[Example]:
    yield Example(query, Message("articles by this author"), "name")
    surname = (name.split(",", maxsplit=1)[0].split() or [""])[-1]
    if len(surname) == count_letters(surname) >= _SPELLED:
        misspelt = f"{_AUTHOR}:{_misspelt(surname.lower())}~"
        yield Example(misspelt, Message("spelled like this, give or take one letter; ~2 allows two"), "name")


def _of_dates(pair: WordPair, facets: Facets) -> Iterator[Example]:
    years = facets.dates.values if facets.dates else ()
    if years:
        year = int(max(years, key=lambda value: value.count).value)
        yield Example(f"date:{year:04d}", Message("a year, a month such as 2022-12, or a day such as 2022-12-23"), "dates")
        span = f"after:{year - 1:04d} before:{year + 1:04d}"
        yield Example(span, Message("between two dates, not including them"), "dates")


def _finds_something(example: Example, engine: Engine, info: GenerationInfo) -> bool:
    """Return whether each query of an example finds articles and is read without a note."""
    for query in filter(None, (example.query, example.other)):
        tree, notes = parse(query, info.fields)
        if notes or not engine.count(SearchRequest(tree)):
            return False
    return True


def _misspelt(word: str) -> str:
    """Return the word with its two middle letters swapped."""
    at = len(word) // 2
    return word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
