"""What differs between two texts, word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, takewhile
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from searchsvc.model.languages import UNSPACED

MAX_WORDS = 10_000  # of each text that are compared, without those that both begin or end with
MAX_TEXT = 500_000  # characters of each text
RunKind = Literal["equal", "delete", "insert"]
_Step = tuple[str, tuple[int, int], tuple[int, int]]
TOKEN = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")


class Run(NamedTuple):
    """Words that both texts have, that only the first one has (`delete`), or that only the second one has (`insert`).

    `span` is their place, [start, end) in characters: in the second text if they are inserted, or else in the first one. Of
    words that both have, `other` is their place in the second text.
    """

    kind: RunKind
    span: tuple[int, int]
    other: tuple[int, int] | None = None


class Differences(NamedTuple):
    """The runs of two texts in order. They are not complete if the texts are too long to be compared as a whole."""

    runs: tuple[Run, ...]
    complete: bool


class _Words(NamedTuple):
    """The words of a text, and where each begins and ends."""

    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, first: int, behind: int) -> tuple[int, int]:
        return self.starts[first], self.ends[behind - 1]


def find_differences(one: str, other: str) -> Differences:
    """Return what differs between two texts. A mark of punctuation belongs to its word."""
    own, others = _words_of(one[:MAX_TEXT]), _words_of(other[:MAX_TEXT])
    first = _common_start(own.words, others.words)
    last = _common_start(own.words[first:][::-1], others.words[first:][::-1])
    end, other_end = len(own.words) - last, len(others.words) - last
    changed = _changed(own.words[first:end][:MAX_WORDS], others.words[first:other_end][:MAX_WORDS])
    steps = [("equal", (0, first), (0, first))]
    steps += [(kind, (first + i, first + j), (first + k, first + m)) for kind, (i, j), (k, m) in changed]
    complete = max(end, other_end) - first <= MAX_WORDS and max(len(one), len(other)) <= MAX_TEXT
    steps += [("equal", (end, end + last), (other_end, other_end + last))] if complete else []
    return Differences(tuple(_joined(_runs(steps, own, others))), complete)


def _words_of(text: str) -> _Words:
    found = [(match[0], *match.span()) for match in TOKEN.finditer(text)]
    words, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return _Words(words, starts, ends)


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the number of words with which both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _changed(one: Sequence[str], other: Sequence[str]) -> Iterator[_Step]:
    for each in Indel.opcodes(one, other):
        yield each.tag, (each.src_start, each.src_end), (each.dest_start, each.dest_end)


def _runs(steps: Iterable[_Step], one: _Words, other: _Words) -> Iterator[Run]:
    for kind, (start, end), (first, behind) in steps:
        if kind == "equal" and start < end:
            yield Run("equal", one.span(start, end), other.span(first, behind))
        elif kind == "delete":
            yield Run("delete", one.span(start, end))
        elif kind == "insert":
            yield Run("insert", other.span(first, behind))


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield the runs with adjacent words of one kind in one. Between words that both have, deleted ones come first."""
    for _, adjacent in groupby(runs, key=lambda run: run.kind == "equal"):
        for kind, same in groupby(sorted(adjacent, key=lambda run: run.kind), key=lambda run: run.kind):
            found = list(same)
            first, last = found[0], found[-1]
            other = (first.other[0], last.other[1]) if first.other is not None and last.other is not None else None
            yield Run(kind, (first.span[0], last.span[1]), other)
