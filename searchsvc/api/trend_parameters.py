"""The parameters of several searches over time, the same on page, API and CSV."""

from collections.abc import Iterator
from typing import NamedTuple

from searchsvc.api.parameter_reader import TRENDS, Pairs, ParameterReader
from searchsvc.api.parameters import Archive, fitting_searches, read_question, versus
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.query import Note
from searchsvc.search.question import Question
from searchsvc.search.smoothing import MAX_WINDOW
from searchsvc.search.trends import MAX_SEARCHES, PERS, TREND_UNITS, Per, TrendUnit

PEAK = "peak"
"""The value of `burst` for the period with the most hits."""


class TrendView(NamedTuple):
    """How searches are shown over time.

    `unit` is None if a page is to choose it. `per` is None if nobody asked for shares. `smooth` is the number of periods of
    an average, 1 for none. `burst` is the period that is to be explained, PEAK for the highest, or "" for none.
    """

    unit: TrendUnit | None = None
    per: Per | None = None
    smooth: int = 1
    burst: str = ""

    def pairs(self, default: TrendUnit | None = "year") -> list[tuple[str, str]]:
        """Return the parameters, without those that have their default value. On pages, there is no `default` unit."""
        found = [
            ("unit", self.unit if self.unit != default else None),
            ("per", self.per),
            ("smooth", str(self.smooth) if self.smooth > 1 else None),
            ("burst", self.burst),
        ]
        return [(name, value) for name, value in found if value]


class TrendQuestions(NamedTuple):
    """Several searches over time, the first one first, and how they are shown."""

    questions: tuple[Question, ...]
    view: TrendView
    notes: tuple[Note, ...] = ()


def parse_trends(pairs: Pairs, archive: Archive) -> TrendQuestions:
    """Parse the parameters of several searches over time. Raise UserError for an invalid value or an unknown parameter."""
    given = ParameterReader(pairs, archive.fields, TRENDS)
    others, view = given.several("vs", MAX_SEARCHES - 1), _view(given)
    question = read_question(given, archive, (), 0.0)
    return TrendQuestions((question, *(versus(question, text, archive) for text in others)), view)


def parse_trends_page(pairs: Pairs, archive: Archive) -> TrendQuestions:
    """Parse the parameters of the page of trends. What is wrong with them is ignored, with a note."""
    given = ParameterReader(_few_searches(pairs), archive.fields, TRENDS, strict=False, mend=True)
    view = _view(given)
    chosen = view if given.one("unit") in TREND_UNITS else view._replace(unit=None)
    question = read_question(given, archive, (), 0.0)
    others, notes = fitting_searches(given.several("vs", MAX_SEARCHES))
    questions = (question, *(versus(question, text, archive) for text in others))
    return TrendQuestions(questions, chosen, notes)


def _few_searches(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Yield the parameters with each other search once. One search too many stays, to be noted."""
    known = set[str]()
    for name, value in pairs:
        text = value.strip()
        if name != "vs":
            yield name, value
        elif text and text not in known and len(known) < MAX_SEARCHES:
            known.add(text)
            yield name, text


def _view(given: ParameterReader) -> TrendView:
    unit, smooth = given.choice("unit", TREND_UNITS), _smooth(given)
    per = given.choice("per", PERS) if given.one("per") else None
    return TrendView(unit, per, smooth, given.one("burst").strip())


def _smooth(given: ParameterReader) -> int:
    """Return the periods of an average, an odd number. A page takes one that is near, and notes it."""
    text = given.one("smooth")
    if given.mends and text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 1:
        return _near(int(text), given)
    smooth = given.number("smooth", 1, MAX_WINDOW)
    if smooth % 2 == 0:
        detail = Message(
            "smooth is %(number)s; it must be an odd number, so that a period stands in the middle", number=smooth
        )
        raise UserError(detail, param="smooth")
    return smooth


def _near(number: int, given: ParameterReader) -> int:
    """Return the number itself, or else the nearest that an average can have, and note it."""
    shown = min(max(3, number if number % 2 else number - 1), MAX_WINDOW)
    if shown != number:
        numbers = {"number": number, "shown": shown, "most": MAX_WINDOW}
        detail = Message("smooth is %(number)s; it must be an odd number up to %(most)s, so %(shown)s is shown", **numbers)
        given.notes.append(Note(detail))
    return shown
