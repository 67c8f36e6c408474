"""Completions of a partly typed query."""

import unicodedata
from typing import TYPE_CHECKING

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.model.results import Suggestions, TermCount, TitleSuggestion
from searchsvc.query.ast import Field, Wildcard, conjunction
from searchsvc.query.request import MAX_QUERY, SearchRequest

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MIN_TITLE_PREFIX = 2  # letters from which on titles are suggested
MAX_ENDINGS = 20  # words that complete the last one in titles, the most frequent: more take longer than typing allows


def suggest(searcher: "Searcher", text: str, limit: int) -> Suggestions:
    """Return up to `limit` words that complete the last one typed, and up to `limit` titles that contain every word."""
    *before, last = analyzer_for(searcher.info.language).tokens(unicodedata.normalize("NFC", text[:MAX_QUERY])) or [""]
    if not last:
        return Suggestions()
    words = searcher.dictionary.complete(last, limit)
    if len(words) < limit:  # the dictionary has frequent words only
        words = searcher.engine.terms(last, limit)
    completed = tuple(TermCount(" ".join([*before, word]), count) for word, count in words)
    if len(last) < MIN_TITLE_PREFIX:
        return Suggestions(completed)
    # A wildcard without * or ? matches the word as written.
    tree = Field("title", conjunction(map(Wildcard, [*before, f"{last}*"])))
    titles: dict[str, str] = {}
    request = SearchRequest(tree, sort="newest", per_page=limit, max_words=len(before) + MAX_ENDINGS)
    for article, _ in searcher.engine.search(request).articles:
        titles.setdefault(article.title, article.id)
    return Suggestions(completed, tuple(TitleSuggestion(title, article_id) for title, article_id in titles.items()))
