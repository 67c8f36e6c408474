"""The query language and the search request.

Query text becomes a syntax tree of frozen nodes, which engines compile and which prints as text again. The package knows
no engine and no tokenizer: how a word is cut, stemmed and matched is up to `analysis`.
"""

from searchsvc.query import ast
from searchsvc.query.lexer import Note
from searchsvc.query.parser import ParsedQuery, parse
from searchsvc.query.request import SearchRequest

__all__ = ["Note", "ParsedQuery", "SearchRequest", "ast", "parse"]
