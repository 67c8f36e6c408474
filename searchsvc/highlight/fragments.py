"""Fragments."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from searchsvc.analysis.query_terms import Terms
from searchsvc.highlight.matches import MAX_MARKS, Match, merge_spans
from searchsvc.model.results import Snippet

MAX_FRAGMENTS = 3
FRAGMENT_WIDTH = 180
"""Characters that a fragment aims at; it may be a little longer to end with its sentence."""
_SENTENCE_END = re.compile(  # one class in front, which the regex engine looks for quickly
    r"[.!?…。！？।\n](?:(?<=[.!?…])['\"”’»)\]]*\s+|(?<=[。！？।])\s*|(?<=\n)\n*)"
)
_SPACE = re.compile(r"\s")
_OTHER_SPACE = re.compile(r"[^\S ]")


def choose_windows(marks: list[Match]) -> list[list[Match]]:
    """Return up to three runs of matches, each short enough for a fragment, that together show most of the query."""
    runs = list(_runs(_first_of_each(marks)))
    chosen: list[list[Match]] = []
    seen: set[Terms] = set()
    while runs and len(chosen) < MAX_FRAGMENTS:
        first_with: dict[frozenset[Terms], list[Match]] = {}
        for kinds, run in runs:
            first_with.setdefault(kinds, run)
        # Of those that show as much, max takes the first: they are in the order of the text.
        shown = max(first_with, key=lambda kinds: (sum(map(len, kinds - seen)), len(kinds)))
        best = first_with[shown]
        chosen.append(best)
        seen |= shown
        before, after = best[0].start - FRAGMENT_WIDTH, best[-1].end + FRAGMENT_WIDTH
        runs = [(kinds, run) for kinds, run in runs if run[-1].end <= before or run[0].start >= after]
    return sorted(chosen)


def _first_of_each(marks: list[Match]) -> list[Match]:
    """The first matches of each word or phrase."""
    number: Counter[Terms] = Counter()
    kept = []
    for mark in marks:
        if number[mark.terms] < MAX_MARKS:
            number[mark.terms] += 1
            kept.append(mark)
    return kept


def _runs(marks: list[Match]) -> Iterator[tuple[frozenset[Terms], list[Match]]]:
    """From each mark on, those that fit into one fragment, and what is among them."""
    ends = [mark.end for mark in marks]
    kinds = frozenset(mark.terms for mark in marks)
    for first, mark in enumerate(marks):
        run = marks[first : max(first + 1, bisect_left(ends, mark.start + FRAGMENT_WIDTH, lo=first))]
        yield kinds if len(kinds) == 1 else frozenset(each.terms for each in run), run


def cut_fragment(text: str, marks: list[Match]) -> Snippet:
    """Return the fragment around some matches, cut at sentence or word boundaries."""
    first, last = marks[0].start, min(marks[-1].end, marks[0].start + 2 * FRAGMENT_WIDTH)
    start = _start_of_fragment(text, max(0, first - max(30, (FRAGMENT_WIDTH - (last - first)) // 2)), first)
    end = _end_of_fragment(text, last, max(last + 30, start + FRAGMENT_WIDTH))
    spans = tuple((max(a, start) - start, min(b, end) - start) for a, b in merge_spans(marks) if a < end)
    return Snippet(_one_line(text[start:end]), spans)


def lead_fragment(text: str) -> tuple[Snippet, ...]:
    """Return the beginning of a text as its only fragment, or () if the text is empty."""
    beginning = _one_line(text[: _end_of_fragment(text, min(len(text), FRAGMENT_WIDTH // 2), FRAGMENT_WIDTH)])
    return (Snippet(beginning),) if beginning else ()


def _start_of_fragment(text: str, earliest: int, first: int) -> int:
    """Where a sentence, else a word, begins between `earliest` and the first mark."""
    if earliest == 0:
        return 0
    sentence = _SENTENCE_END.search(text, earliest, first)
    if sentence is not None:
        return sentence.end()
    space = _SPACE.search(text, earliest, first)
    return space.end() if space is not None else earliest


def _end_of_fragment(text: str, last: int, latest: int) -> int:
    """Where a sentence, else a word, ends between the last mark and `latest`."""
    if latest >= len(text):
        return len(text.rstrip())
    ends = [found.start() + len(found.group().rstrip()) for found in _SENTENCE_END.finditer(text, last, latest + 1)]
    if ends and ends[-1] - last >= 20:
        return ends[-1]
    spaces = [found.start() for found in _SPACE.finditer(text, last, latest + 1)]
    return spaces[-1] if spaces else latest


def _one_line(text: str) -> str:
    return _OTHER_SPACE.sub(" ", text)
