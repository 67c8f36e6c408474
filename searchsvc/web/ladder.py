"""Looser readings of a search as the page offers them: a ladder, the nearest first, each with its count."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from searchsvc.api.links import ActiveFilter, active_filters
from searchsvc.model.results import Snippet
from searchsvc.query.ast import Field, Phrase
from searchsvc.search.answer import Answer
from searchsvc.search.question import Question
from searchsvc.search.readings import CORRECTION, VALUE, Reading


class Rung(NamedTuple):
    """A looser reading and its address, the filters that it removes, and the field and value that it is for, if any."""

    reading: Reading
    link: str
    removed: tuple[ActiveFilter, ...] = ()
    named: tuple[str, str] | None = None

    @property
    def text(self) -> Snippet:
        """The query, with what differs from the quotation as typed."""
        return Snippet(self.reading.question.text, self.reading.spans)

    @property
    def is_correction(self) -> bool:
        return self.reading.why == CORRECTION


def ladder(answer: Answer, address: Callable[[Question], str]) -> Iterator[Rung]:
    """Yield the rungs, with their addresses.

    Corrections and values are rungs only if nothing was found: else the page has lines for them.
    """
    shown_elsewhere = (CORRECTION, VALUE) if answer.results.total else (VALUE,) if answer.values else ()
    for reading in answer.readings:
        if reading.why not in shown_elsewhere:
            removed = _removed(answer.question, reading.question)
            yield Rung(reading, address(reading.question), removed, _named(reading))


def _removed(asked: Question, read: Question) -> tuple[ActiveFilter, ...]:
    kept = set(active_filters(read))
    return tuple(each for each in active_filters(asked) if each not in kept)


def _named(reading: Reading) -> tuple[str, str] | None:
    match reading.question.request.tree:
        case Field(name, Phrase(value)) if reading.why == VALUE:
            return name, value
    return None
