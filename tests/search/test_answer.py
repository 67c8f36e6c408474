"""Answers and questions: notes, timings and pages."""

import pytest

from searchsvc.index import GenerationInfo
from searchsvc.model import Results
from searchsvc.model.cursors import InstantCursor, RankCursor
from searchsvc.model.results import Timings
from searchsvc.query import Note, SearchRequest, parse
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE
from searchsvc.search import Answer, Question

INFO = GenerationInfo("any", 0, 0, ("english",), 1, 0, "2026-01-01T00:00:00Z")
PARSED, CUT = Note("a quote is missing", 4), "“te*” matches too many words"
CHANGED = Note("the archive has changed since the previous page; articles may be missing or appear twice")


def answer(question: Question | None = None, *, total: int = 0, notes: tuple[str, ...] = (), **fields: object) -> Answer:
    return Answer(question or Question(), Results(total, (), notes=notes), "g000002", INFO, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "notes"),
    [
        (answer(), ()),
        (answer(Question(notes=(PARSED,))), (PARSED,)),
        (answer(notes=(CUT,)), (Note(CUT),)),
        (answer(notes=(CUT, CUT, "another")), (Note(CUT), Note("another"))),
        (answer(Question(generation="g000002")), ()),
        (answer(Question(generation="g000001")), (CHANGED,)),
        (answer(Question(notes=(PARSED,), generation="g000001"), notes=(CUT,)), (PARSED, CHANGED, Note(CUT))),
    ],
)
def test_notes_say_once_each_what_was_ignored_changed_or_cut(found: Answer, notes: tuple[Note, ...]) -> None:
    assert found.notes == notes


@pytest.mark.parametrize(
    ("total", "per_page", "pages", "last_page"),
    [
        (0, 10, 0, 0),
        (1, 10, 1, 1),
        (10, 10, 1, 1),
        (11, 10, 2, 2),
        (25, 1, 25, 25),
        (MAX_DEPTH, 10, 1_000, 1_000),
        (MAX_DEPTH + 1, 10, 1_001, 1_000),
        (MAX_DEPTH, 7, 1_429, 1_428),  # the last one would reach beyond the limit
        (10**9, MAX_PER_PAGE, 10**7, 100),
    ],
)
def test_pages_are_counted_and_numbered_up_to_the_limit(total: int, per_page: int, pages: int, last_page: int) -> None:
    found = answer(Question(request=SearchRequest(per_page=per_page)), total=total)
    assert (found.pages, found.last_page) == (pages, last_page)


@pytest.mark.parametrize(("took_ms", "helping"), [(10.0, 4.0), (6.0, 0.0), (0.0, 0.0)])
def test_what_no_step_took_was_spent_on_help(took_ms: float, helping: float) -> None:
    results = Results(0, (), timings=Timings(hits=3.0, snippets=2.0, facets=1.0))
    found = Answer(Question(parse_ms=0.5), results, "g000001", INFO, took_ms=took_ms)
    assert list(found.timings.items()) == [
        ("parse", 0.5),
        ("hits", 3.0),
        ("snippets", 2.0),
        ("facets", 1.0),
        ("help", helping),
    ]


def test_timings_do_not_make_results_differ() -> None:
    assert Results(0, (), timings=Timings(hits=3.0)) == Results(0, ())
    assert Question("tea", parse_ms=1.0) == Question("tea")


def test_a_question_moves_to_pages_and_cursors_and_back() -> None:
    tree = parse("tea").tree
    first = Question("tea", request=SearchRequest(tree, sort="newest", page=3, per_page=20))
    continued = first.on_page_after(InstantCursor(5, 2), "g000001")
    assert (continued.by_cursor, continued.generation) == (True, "g000001")
    assert continued.request == SearchRequest(tree, sort="newest", per_page=20, after=InstantCursor(5, 2))
    further = continued.on_page_after(RankCursor(40), "g000002")
    assert (further.request.after, further.generation) == (RankCursor(40), "g000002")
    back = continued.on_page(7)
    assert (back.by_cursor, back.request) == (False, SearchRequest(tree, sort="newest", page=7, per_page=20))
    assert (first.by_cursor, first.request.page) == (False, 3)
