"""The fragments of a text that show the matches of a query best."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import partial

from searchsvc.analysis.query_terms import Terms
from searchsvc.highlight.matches import MAX_MATCHES, Match, merge_spans
from searchsvc.model.results import Snippet

MAX_FRAGMENTS = 3  # unless a request asks for more
FRAGMENT_WIDTH = 180  # Target length in characters. A fragment may be a little longer to end with its sentence.
_SENTENCE_END = re.compile(  # begins with one character class, which the regex engine finds quickly
    r"[.!?…。！？।\n](?:(?<=[.!?…])['\"”’»)\]]*\s+|(?<=[。！？।])\s*|(?<=\n)\n*)"
)
_Window = tuple[frozenset[Terms], list[Match]]  # the distinct terms of some matches, and these
_SPACE = re.compile(r"\s")
_NO_SPACE = re.compile(r"\S")
_OTHER_SPACE = re.compile(r"[^\S ]")


def choose_windows(matches: list[Match], most: int = MAX_FRAGMENTS) -> list[list[Match]]:
    """Return up to `most` windows of matches, each short enough for a fragment, that together show most of the query."""
    if all(match.terms == matches[0].terms for match in matches):
        return _first_windows(matches, most)
    windows = list(_windows(_first_of_each(matches)))
    chosen: list[list[Match]] = []
    seen: set[Terms] = set()
    while len(chosen) < most and (windows := _apart(windows, chosen)):
        first_with = dict(reversed(windows))  # of windows with the same terms, the first of the text stays
        shown, best = max(first_with.items(), key=partial(_worth, seen))
        chosen.append(best)
        seen |= shown
    return sorted(chosen)


def _worth(seen: set[Terms], window: _Window) -> tuple[int, int, int]:
    """Return how much of the query a window shows: first what others do not, and of equal windows the first of the text."""
    terms, matches = window
    return sum(map(len, terms - seen)), len(terms), -matches[0].start


def _apart(windows: list[_Window], chosen: list[list[Match]]) -> list[_Window]:
    """Return the windows that are not near the last of those that are chosen."""
    if not chosen:
        return windows
    before, after = chosen[-1][0].start - FRAGMENT_WIDTH, chosen[-1][-1].end + FRAGMENT_WIDTH
    return [(terms, window) for terms, window in windows if window[-1].end <= before or window[0].start >= after]


def _first_windows(matches: list[Match], most: int) -> list[list[Match]]:
    """Return what `choose_windows` chooses if all matches are of one term: the first windows that are apart."""
    chosen: list[list[Match]] = []
    ends = [match.end for match in matches[:MAX_MATCHES]]
    first = 0
    while first < len(ends) and len(chosen) < most:
        start = matches[first].start
        window = matches[first : max(first + 1, bisect_left(ends, start + FRAGMENT_WIDTH, lo=first))]
        chosen.append(window)
        after = window[-1].end + FRAGMENT_WIDTH
        first = next((at for at in range(first + len(window), len(ends)) if matches[at].start >= after), len(ends))
    return chosen


def _first_of_each(matches: list[Match]) -> list[Match]:
    number: Counter[Terms] = Counter()
    kept = []
    for match in matches:
        if number[match.terms] < MAX_MATCHES:
            number[match.terms] += 1
            kept.append(match)
    return kept


def _windows(matches: list[Match]) -> Iterator[_Window]:
    """Yield a window from each match on: its distinct terms, and the matches that fit into one fragment."""
    ends = [match.end for match in matches]
    terms = [match.terms for match in matches]
    for first, match in enumerate(matches):
        last = bisect_left(ends, match.start + FRAGMENT_WIDTH, lo=first + 1)
        yield frozenset(terms[first:last]), matches[first:last]


def cut_fragment(text: str, matches: list[Match]) -> Snippet:
    """Return the fragment around some matches, cut at sentence or word boundaries."""
    first, last = matches[0].start, min(matches[-1].end, matches[0].start + 2 * FRAGMENT_WIDTH)
    start = _start_of_fragment(text, max(0, first - max(30, (FRAGMENT_WIDTH - (last - first)) // 2)), first)
    end = _end_of_fragment(text, last, max(last + 30, start + FRAGMENT_WIDTH))
    spans = tuple((max(a, start) - start, min(b, end) - start) for a, b in merge_spans(matches) if a < end)
    return Snippet(_one_line(text[start:end]), spans, _has_text(text, 0, start), _has_text(text, end, len(text)))


def lead_fragment(text: str) -> tuple[Snippet, ...]:
    """Return the beginning of a text as its only fragment, or () if the text is empty."""
    end = _end_of_fragment(text, min(len(text), FRAGMENT_WIDTH // 2), FRAGMENT_WIDTH)
    return (Snippet(_one_line(text[:end]), cut_end=_has_text(text, end, len(text))),) if end else ()


def _start_of_fragment(text: str, earliest: int, first: int) -> int:
    """Return the start of a sentence, or else of a word, between `earliest` and the first match."""
    if earliest == 0:
        return 0
    found = _SENTENCE_END.search(text, earliest, first) or _SPACE.search(text, earliest, first)
    return found.end() if found else earliest


def _end_of_fragment(text: str, last: int, latest: int) -> int:
    """Return the end of a sentence, or else of a word, between the last match and `latest`."""
    if latest >= len(text):
        return len(text.rstrip())
    ends = [found.start() + len(found.group().rstrip()) for found in _SENTENCE_END.finditer(text, last, latest + 1)]
    if ends and ends[-1] - last >= 20:
        return ends[-1]
    return next((place for place in range(latest, last - 1, -1) if text[place].isspace()), latest)


def _has_text(text: str, start: int, end: int) -> bool:
    """Return whether there is more than space between two places of a text."""
    return _NO_SPACE.search(text, start, end) is not None


def _one_line(text: str) -> str:
    return _OTHER_SPACE.sub(" ", text)
