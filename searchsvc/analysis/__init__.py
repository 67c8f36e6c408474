"""The one definition of a term, which indexing, searching and highlighting share.

The package splits text into words, normalizes and stems them, and decides which words a term, phrase, wildcard or fuzzy
word matches. It works on text and terms only: finding the articles is up to `engines`, showing matches to `highlight`.
"""

from searchsvc.analysis.analyzer import Analyzer, Analyzers, analyzer_for
from searchsvc.analysis.query_terms import QueryTerms, extract_terms

__all__ = ["Analyzer", "Analyzers", "QueryTerms", "analyzer_for", "extract_terms"]
