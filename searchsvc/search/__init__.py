"""Searching an archive: a service that follows the index, and searchers, each a snapshot of one generation.

A searcher answers everything that a request asks: hits with snippets, facets, articles, suggestions, help if nothing was
found, and what was printed of a quotation. The package builds no links and no JSON, parses no parameters, and knows nothing
of HTTP.
"""

from searchsvc.search.answer import Answer
from searchsvc.search.question import Question
from searchsvc.search.quotations import Quotation, QuotationCheck
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

__all__ = ["Answer", "Question", "Quotation", "QuotationCheck", "SearchService", "Searcher"]
