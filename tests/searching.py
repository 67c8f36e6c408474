"""Searches as tests ask them, through the parameters of the API."""

from collections.abc import Iterable

from searchsvc.api.parameters import parse_question, parse_search
from searchsvc.search.answer import Answer
from searchsvc.search.service import SearchService


def ask(service: SearchService, pairs: Iterable[tuple[str, str]] = (), *, choose_facets: bool = False) -> Answer:
    """Return the answer of the live generation to a search."""
    searcher = service.acquire()
    question = parse_search(pairs, searcher)[0] if choose_facets else parse_question(pairs, searcher)
    return searcher.search(question)
