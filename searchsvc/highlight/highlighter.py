"""Highlighting: the matches of a query in an article, and the fragments that show them best.

It considers only words that can begin a wanted term, stems those, and keeps the terms and the phrases of the query.
"""

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.highlight.fragments import MAX_FRAGMENTS, choose_windows, cut_fragment, lead_fragment
from searchsvc.highlight.matches import MAX_TEXT, MatchFinder, merge_spans
from searchsvc.model.article import Article
from searchsvc.model.results import Snippet
from searchsvc.query.ast import Node


class Highlighter:
    """Highlights the articles that one query found."""

    def __init__(self, tree: Node, analyzer: Analyzer) -> None:
        terms = extract_terms(tree, analyzer)
        self._title = MatchFinder(terms.title, analyzer)
        self._body = MatchFinder(terms.body, analyzer)

    def title(self, text: str) -> Snippet:
        return Snippet(text, merge_spans(self._title.find(text)))

    def text(self, text: str) -> Snippet:
        return Snippet(text, merge_spans(self._body.find(text)))

    def is_near(self, title: str, body: str) -> bool:
        """Return whether title or body contain one of the sloppy phrases. It is faster than finding all matches."""
        return self._title.is_near(title) or self._body.is_near(body)

    def fragments(self, text: str, most: int = MAX_FRAGMENTS) -> tuple[Snippet, ...]:
        """Return up to `most` fragments that show most of the query, in order. Without a match, return the beginning."""
        if not most:
            return ()
        matches = list(self._body.find(text))
        windows = choose_windows(matches, most) if matches else []
        return tuple(cut_fragment(text, window) for window in windows) if matches else lead_fragment(text)


class Highlighters:
    """The highlighters of a query, one for each language of the articles that it meets."""

    def __init__(self, tree: Node, analyzers: Analyzers) -> None:
        self._tree = tree
        self._analyzers = analyzers
        self._known: dict[str, Highlighter] = {}

    def of(self, article: Article) -> Highlighter:
        """Return the highlighter for an article."""
        analyzer = self._analyzers.of(article)
        if analyzer.language not in self._known:
            self._known[analyzer.language] = Highlighter(self._tree, analyzer)
        return self._known[analyzer.language]

    def is_near(self, article: Article) -> bool:
        """Return whether title or body contain one of the sloppy phrases. Texts longer than are read are taken to do."""
        return len(article.body) > MAX_TEXT or self.of(article).is_near(article.title, article.body)
