"""Why an article matched: the spans of its text that the query found, and the fragments that show them best.

Engines say which articles match; this module says where, in the same way for every engine. It looks at words whose
first letters could begin a wanted one, stems just those, and keeps words whose stem is wanted and phrases whose words
stand side by side. Spans count characters of the plain text; marking up and escaping happen at the edge.
"""

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import extract_patterns, extract_terms
from searchsvc.highlight.fragments import choose_windows, cut_fragment, lead_fragment
from searchsvc.highlight.matches import MatchFinder, merge_spans
from searchsvc.model.results import Snippet
from searchsvc.query.ast import Node


class Highlighter:
    """Marks the words of one query in the articles that it found."""

    def __init__(self, tree: Node, analyzer: Analyzer) -> None:
        self._title = MatchFinder(extract_terms(tree, "title", analyzer), extract_patterns(tree, "title"), analyzer)
        self._body = MatchFinder(extract_terms(tree, "body", analyzer), extract_patterns(tree, "body"), analyzer)

    def title(self, text: str) -> Snippet:
        """The whole title with its matches; no spans where the query is not about titles."""
        return Snippet(text, merge_spans(self._title.marks(text)))

    def text(self, text: str) -> Snippet:
        """The whole body with its matches."""
        return Snippet(text, merge_spans(self._body.marks(text)))

    def is_near(self, title: str, body: str) -> bool:
        """Whether title or body have one of the sloppy phrases, which is found out sooner than where."""
        return self._title.is_near(title) or self._body.is_near(body)

    def fragments(self, text: str) -> tuple[Snippet, ...]:
        """Up to three fragments that show the most of the query, in order; the beginning where nothing matches."""
        marks = list(self._body.marks(text))
        return tuple(cut_fragment(text, window) for window in choose_windows(marks)) if marks else lead_fragment(text)
