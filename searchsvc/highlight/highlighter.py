"""Why an article matched: the spans of its text that the query found, and the fragments that show them best.

Engines say which articles match; this module says where, in the same way for every engine. It looks at words whose
first letters could begin a wanted one, stems just those, and keeps words whose stem is wanted and phrases whose words
stand side by side. Spans count characters of the plain text; marking up and escaping happen at the edge.
"""

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import wanted_forms, wanted_terms
from searchsvc.highlight.fragments import _cut, _lead, _windows
from searchsvc.highlight.matches import _Finder, _joined
from searchsvc.model.results import Snippet
from searchsvc.query.ast import Node


class Highlighter:
    """Marks the words of one query in the articles that it found."""

    def __init__(self, tree: Node, analyzer: Analyzer) -> None:
        self._title = _Finder(wanted_terms(tree, "title", analyzer), wanted_forms(tree, "title"), analyzer)
        self._body = _Finder(wanted_terms(tree, "body", analyzer), wanted_forms(tree, "body"), analyzer)

    def title(self, text: str) -> Snippet:
        """The whole title with its matches; no spans where the query is not about titles."""
        return Snippet(text, _joined(self._title.marks(text)))

    def text(self, text: str) -> Snippet:
        """The whole body with its matches."""
        return Snippet(text, _joined(self._body.marks(text)))

    def is_near(self, title: str, body: str) -> bool:
        """Whether title or body have one of the sloppy phrases, which is found out sooner than where."""
        return self._title.is_near(title) or self._body.is_near(body)

    def fragments(self, text: str) -> tuple[Snippet, ...]:
        """Up to three fragments that show the most of the query, in order; the beginning where nothing matches."""
        marks = list(self._body.marks(text))
        return tuple(_cut(text, window) for window in _windows(marks)) if marks else _lead(text)
