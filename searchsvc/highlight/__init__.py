"""Why an article matched: the matches of a query in its text, and the fragments that show them.

Engines find the articles, and this package finds the matches in the same way for every engine. Spans count characters of
plain text. Markup and escaping are up to `api` and `web`.
"""

from searchsvc.highlight.highlighter import Highlighter, Highlighters

__all__ = ["Highlighter", "Highlighters"]
