"""The main text of a page: by one extractor, and by what several agree on where that one finds little."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy

from lxml.html import HtmlElement
from trafilatura import extract
from trafilatura.readability_lxml import Document  # not readability-lxml, which pip 23 cannot install beside trafilatura

from searchsvc.corpus.formats.html_text import html_text

SHORT_TEXT = 600  # characters; strict rules sometimes leave only crumbs of an article, which are shorter than this
MAX_COMPARED = 20_000  # characters of each text
WHOLE_TEXT_RATIO = 1.5  # from which on a declared text is the whole one, and the visible text is only its beginning

_WORD = re.compile(r"\w+")
_WORDS_IN_RUN = 4


def find_main_text(root: HtmlElement, declared: str) -> tuple[str, str]:
    """Return the main text of a page and how it was found. Return empty texts if there is none.

    `declared` is the text that JSON-LD gives the article, if it does.
    """
    text, provenance = _agreed_text(root)
    if len(declared) > WHOLE_TEXT_RATIO * len(text):
        found = f", since the main text of the page is only {len(text):,} characters" if text else ""
        return declared, f"JSON-LD articleBody{found}"
    return text, provenance


def _agreed_text(root: HtmlElement) -> tuple[str, str]:
    strict = _by_strict_rules(root)
    if len(strict) >= SHORT_TEXT:
        return strict, "the main text of the page"
    others = {name: text for name, extractor in _OTHERS.items() if (text := extractor(root))}
    texts = {_STRICT: strict} | others if strict else others
    if not texts:
        return "", ""
    chosen = _medoid(texts)
    reason = f", by {chosen}, since strict rules found only {len(strict):,} characters" if chosen != _STRICT else ""
    return texts[chosen], f"the main text of the page{reason}"


def _by_strict_rules(root: HtmlElement) -> str:
    return extract(root, include_comments=False, include_tables=True, favor_precision=True, fast=True) or ""


def _by_lenient_rules(root: HtmlElement) -> str:
    return extract(root, include_comments=False, include_tables=True) or ""


def _by_readability(root: HtmlElement) -> str:
    return html_text(Document(deepcopy(root)).summary())  # which changes its tree


_STRICT = "trafilatura's strict rules"
_OTHERS: Mapping[str, Callable[[HtmlElement], str]] = {
    "trafilatura's lenient rules": _by_lenient_rules,
    "readability": _by_readability,
}


def _medoid(texts: Mapping[str, str]) -> str:
    """Return the name of the text that is most like all others, of equal ones the first."""
    runs = {name: _runs(text[:MAX_COMPARED]) for name, text in texts.items()}
    return max(runs, key=lambda name: sum(_similarity(runs[name], other) for other in runs.values()))


def _runs(text: str) -> Counter[tuple[str, ...]]:
    """Return the runs of four words in a text, as bodies are compared in the benchmark of article extraction."""
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + _WORDS_IN_RUN]) for at in range(max(1, len(words) - _WORDS_IN_RUN + 1)))


def _similarity(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    return 2 * (one & other).total() / (one.total() + other.total())
