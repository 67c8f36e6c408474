"""The public contract of a search: parameters in, JSON, links and cursors out.

The pages, the JSON API and the command line all use it, so a search has the same parameters and the same JSON everywhere.
The package knows neither HTTP nor Flask, and it does not search: it parses a `Question` for a searcher, and serializes the
`Answer`. The classes of `schema` define the JSON.
"""

from searchsvc.api.addresses import Addresses
from searchsvc.api.links import Links
from searchsvc.api.parameters import parse_question
from searchsvc.api.serialize import search_answer, to_json

__all__ = ["Addresses", "Links", "parse_question", "search_answer", "to_json"]
