"""The main text of pages of which one extractor alone finds little."""

import json

import pytest

from searchsvc.corpus.formats.html import parse_html
from tests.corpus.reading import json_ld

SENTENCE = "The harvest of the hills has never been larger, the growers said, and never later, number {}. "
TEASER = "<article><h1>Tea</h1><p>The first lines of the article.</p><p>Subscribe to read on.</p></article>"


def page(body: str, text: str = "") -> bytes:
    declared = json.dumps({"@type": "NewsArticle", "headline": "Tea", "articleBody": text})
    return f"<html>{json_ld(declared)}<body>{body}</body>".encode()


def sentences(number: int) -> str:
    return "".join(map(SENTENCE.format, range(number)))


@pytest.mark.parametrize("text", [sentences(9), "".join(f"<p>{SENTENCE.format(n)}</p>" for n in range(9))])
def test_the_whole_text_in_json_ld_is_preferred_to_a_teaser(text: str) -> None:
    record = parse_html(page(TEASER, text))
    assert "number 8" in record.fields["body"]
    assert "<p>" not in record.fields["body"]
    assert record.provenance["body"].startswith("JSON-LD articleBody, since the main text of the page is only")


def test_a_summary_in_json_ld_replaces_no_text() -> None:
    record = parse_html(page(f"<article><p>{sentences(9)}</p></article>", sentences(1)))
    assert "number 8" in record.fields["body"]
    assert record.provenance["body"] == "the main text of the page"


def test_where_strict_rules_find_crumbs_the_other_extractors_are_asked() -> None:
    """Strict rules remove what is in an element that is named like the bottom of a page."""
    hidden = f"<article><p>{SENTENCE.format('one')}</p><div class=bottom-text><p>{sentences(9)}</p></div></article>"
    record = parse_html(page(hidden))
    assert "number 8" in record.fields["body"]
    assert "since strict rules found only" in record.provenance["body"]


def test_a_page_without_text_for_any_extractor_keeps_all_its_text() -> None:
    assert parse_html(b"<body><nav>Tea</nav></body>").fields["body"].strip() == "Tea"
