"""The text around a passage."""

import pytest

from searchsvc.model.article import Article
from searchsvc.model.quotations import CONTEXT, Printing

LONG = "word " * CONTEXT


@pytest.mark.parametrize(
    ("before", "after", "shown_before", "shown_after"),
    [
        ("", "", "", ""),
        ("A start ", ", an end.", "A start ", ", an end."),
        ("Another paragraph.\n\nA start ", ".\n\nAnother paragraph.", "A start ", "."),
        (LONG, f" {LONG}", "word " * (CONTEXT // 5 - 1), " word" * (CONTEXT // 5 - 1)),
        ("\n\n", "\n\n", "", ""),
        (f"{LONG}\n\n", f"\n\n{LONG}", "", ""),
        ("字" * 200, "字" * 200, "字" * CONTEXT, "字" * CONTEXT),
    ],
)
def test_a_part_of_the_paragraph_is_shown_around(before: str, after: str, shown_before: str, shown_after: str) -> None:
    printing = Printing(Article("1", "T", f"{before}a passage{after}", "p"), "body", (len(before), len(before) + 9), 2)
    assert (printing.passage, printing.before, printing.after) == ("a passage", shown_before, shown_after)


def test_the_passage_may_be_in_the_title() -> None:
    printing = Printing(Article("1", "An old title", "text", "p"), "title", (3, 6), 1)
    assert (printing.text, printing.passage) == ("An old title", "old")
