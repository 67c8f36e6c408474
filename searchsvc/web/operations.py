"""The operations of the API: their addresses, parameters, answers and problems, from which OpenAPI describes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from searchsvc.api import concordance_schema, cursors, schema, trend_schema, version_schema
from searchsvc.api.citations import FORMATS
from searchsvc.api.concordance import CSV as CONCORDANCE_CSV
from searchsvc.api.concordance import JSON as CONCORDANCE
from searchsvc.api.concordance import MAX_WORD, ORDERS, Side
from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.api.parameter_reader import COMPARED, MAX_FACETS, MAX_FILTERS
from searchsvc.api.parameters import CHOSEN_FIELDS, HIGHLIGHTS, LIST_LENGTH, MAX_SNIPPETS
from searchsvc.api.quotation_schema import QuotationCheck
from searchsvc.api.serialize import API
from searchsvc.api.trends import CSV as TRENDS_CSV
from searchsvc.api.trends import TRENDS
from searchsvc.model.article import MAX_VALUE_BYTES, METADATA
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE, SNIPPETS
from searchsvc.search.quotations import MAX_CHARACTERS
from searchsvc.search.smoothing import MAX_WINDOW
from searchsvc.search.trends import MAX_SEARCHES, PERS, TREND_UNITS
from searchsvc.web.routing import NEWEST

Schema = Mapping[str, Any]


class Parameter(NamedTuple):
    """A parameter in the query string. Array parameters are repeated."""

    name: str
    schema: Schema
    description: str
    required: bool = False


class Body(NamedTuple):
    """The body of a request, by its media types."""

    description: str
    content: Mapping[str, Schema]


class Operation(NamedTuple):
    """A method of an address, its parameters, and its answer: a class of the schema, or the media type of a file.

    `missing` describes the 404 of the operation, or is "" if there is none. `statuses` are those of successful answers,
    `others` those of problems that not every operation has. `access` says which token it needs: that for reading, if the
    archive is private, that for writing, or none.
    """

    path: str
    name: str
    summary: str
    tag: str
    parameters: tuple[Parameter, ...]
    answer: type | str
    missing: str = ""
    method: str = "get"
    body: Body | None = None
    statuses: tuple[int, ...] = (200,)
    others: tuple[int, ...] = ()
    access: Literal["read", "write", "none"] = "read"


TAGS = {
    "Search": "Searches, completions, and the values of fields.",
    "Articles": "Articles, and others that are like one.",
    "Quotations": "Where something was printed first.",
    "Files": "A search as a feed or a file.",
    "Changes": "Adding, replacing and deleting articles. They need the write token.",
    "Operation": "For those who run the service.",
}
PROBLEMS = {
    400: (
        "bad-request",
        "A parameter is unknown or has an invalid value; `param` names it, and `hint` the nearest valid one.",
    ),
    401: ("unauthorized", "The archive is private, and the token is missing or wrong."),
    403: ("forbidden", "A form on another website tried to log in or out."),
    404: ("not-found", "The article, the field, the alert or the address does not exist."),
    405: ("method-not-allowed", "The address does not allow this method; `Allow` lists those that it does."),
    406: ("not-acceptable", "The Accept header excludes the media type of the answer."),
    408: ("timeout", "The request did not arrive within 10 seconds."),
    409: ("conflict", "Something else is in progress, such as another reindex."),
    413: ("too-large", "The request body is larger than 64 KiB, or 12 MiB for articles."),
    414: ("too-long", "The request line is longer than 8,190 bytes."),
    415: ("unknown-media-type", "The request body is neither JSON nor a form."),
    429: (
        "too-many-requests",
        "The client has made too many requests, or sent too many wrong tokens; `Retry-After` says how long to wait.",
    ),
    431: ("head-too-large", "The head of the request is larger than 32 KiB, or has more than 100 fields."),
    500: ("failed", "The engine failed; the service's log has the reason."),
    501: ("unknown-encoding", "The request has a `Transfer-Encoding` other than chunked."),
    503: (
        "not-ready",
        "There is no index that this version can read, or too much to do. `Retry-After` says when to try again.",
    ),
    505: ("unknown-version", "The request has a version of HTTP other than 1.1 or 1.0."),
}
"""The types of problems, by status."""


UNDESCRIBED = "about:blank"
"""The type of problems that say no more than their status (RFC 9457), since the address of the service is not known.

The server refused a request before it was read, or it is not for a name that the service answers to.
"""
COMMON_PROBLEMS = (400, 405, 406, 408, 413, 414, 429, 431, 500, 501, 503, 505)
"""Statuses that every operation can have. That of health checks is none of a search: they have the same."""


def problem_type(status: int) -> str:
    """Return the path of the description of a problem, below that of the service."""
    return f"{NEWEST}/docs#{PROBLEMS[status][0] if status in PROBLEMS else 'bad-request'}"


_QUERY = Parameter("q", {"type": "string", "maxLength": MAX_QUERY}, "The query; leave it empty for all articles.")
_PAGE = Parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH}, "Page number, from 1.")
_LENGTH = {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE}
_LIMIT = Parameter("limit", _LENGTH | {"default": LIST_LENGTH}, "Entries of each kind.")
_YEAR = r"([1-9]\d{3}|0[1-9]\d{2}|00[1-9]\d|000[1-9])"
_LEAP_YEAR = r"((\d\d)(0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26]|0[48])00)"
_OF_YEAR = r"((0?[1-9]|1[0-2])-(0?[1-9]|1\d|2[0-8])|(0?[13-9]|1[0-2])-(29|30)|(0?[13578]|1[02])-31)"  # of any year
_DAY = {"type": "string", "pattern": rf"^({_YEAR}(-(0?[1-9]|1[0-2]))?|{_YEAR}-{_OF_YEAR}|{_LEAP_YEAR}-0?2-29)$"}
_VALUES = {
    "type": "array",
    "maxItems": MAX_FILTERS,
    "items": {"type": "string", "minLength": 1, "maxLength": MAX_VALUE_BYTES},
}
_FILTERS = (
    Parameter("from", _DAY, "The first day, month or year."),
    Parameter("to", _DAY, "The last day, month or year."),
    Parameter(
        "date",
        {"type": "array", "maxItems": MAX_FILTERS, "items": _DAY},
        "A year, a month or a day; several are alternatives.",
    ),
    *(Parameter(name, _VALUES, f"An exact value of the field `{name}`; several are alternatives.") for name in METADATA),
    Parameter(
        "filter",
        {
            "type": "array",
            "maxItems": MAX_FILTERS,
            "items": {"type": "string", "pattern": r"^-?([^\\:]|\\.)+:([^\\]|\\[\s\S])"},
        },
        "`FIELD:VALUE` for an exact value of any field; `-FIELD:VALUE` for articles without it; `FIELD:10..20` for "
        "numbers, both ends included, of which one may be left out. Several of one field are alternatives; different "
        "fields must all match. A backslash escapes a colon in a name, and in front of a value says that it is no range.",
    ),
)
_MATCH = Parameter("match", {"enum": ["all", "any"], "default": "all"}, "All of the words, or any of them.")
_LANG = Parameter("lang", {"enum": list(PAGE_LANGUAGES), "default": "en"}, "The language of notes and errors.")
_SEARCH = (
    _QUERY,
    _MATCH,
    Parameter(
        "versions",
        {"enum": ["one", "all"], "default": "one"},
        "One hit of each story, or every article. Files and feeds have every article.",
    ),
    Parameter("sort", {"enum": ["relevance", "newest", "oldest"], "default": "relevance"}, "The order of the hits."),
    *_FILTERS,
    _LANG,
)
_QUOTATION = (
    Parameter(
        *("text", {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}, "The sentence or paragraph to check."),
        required=True,
    ),
    Parameter("limit", _LENGTH | {"default": PER_PAGE}, "Articles or passages to return."),
    *_FILTERS,
    _LANG,
)
_PAGED = (
    _PAGE,
    Parameter("per_page", _LENGTH | {"default": PER_PAGE}, "Hits per page."),
    Parameter(
        "cursor",
        {"type": "string", "pattern": cursors.PATTERN},
        "The previous answer's cursor, or `*` for the first page; instead of `page`.",
    ),
)


_SHAPE = (
    Parameter(
        "facet",
        {"type": "array", "maxItems": MAX_FACETS, "items": {"type": "string"}},
        "A field to count, or `date` for years, months or days; `none` alone counts nothing. A backslash in "
        "front of `date` and `none` means a field of this name.",
    ),
    Parameter(
        "fields",
        {"type": "array", "items": {"enum": list(CHOSEN_FIELDS)}},
        "Members of the results besides `id` and `title`; without any, results have all of them.",
    ),
    Parameter(
        "snippets",
        {"type": "integer", "minimum": 0, "maximum": MAX_SNIPPETS, "default": SNIPPETS},
        "The most fragments of each result.",
    ),
    Parameter(
        "highlight",
        {"enum": list(HIGHLIGHTS), "default": "both"},
        "Whether matches come as HTML with <mark>, as spans of characters, or as both.",
    ),
)
_TRENDS = (
    _QUERY,
    Parameter(
        "vs",
        {
            "type": "array",
            "maxItems": MAX_SEARCHES - 1,
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_QUERY},
        },
        "Another query to compare, under the same filters.",
    ),
    Parameter(
        "unit", {"enum": list(TREND_UNITS), "default": "year"}, "The length of the periods; weeks are those of ISO 8601."
    ),
    Parameter(
        *("per", {"enum": list(PERS), "default": PERS[0]}),
        "What shares are of: all articles of the archive, or those that the filters leave.",
    ),
    Parameter(
        "smooth",
        {"type": "integer", "minimum": 1, "maximum": MAX_WINDOW, "not": {"multipleOf": 2}, "default": 1},
        "The number of periods of an average, which is odd, so that one stands in the middle.",
    ),
    Parameter(
        "burst",
        {"type": "string", "pattern": r"^(peak|\d{4}(-\d\d(-\d\d)?|-W\d\d)?)$"},
        "A period of the first search that is to be explained, or `peak` for the one with the most hits.",
    ),
    _MATCH,
    *_FILTERS,
)
_WORD = {"type": "string", "minLength": 1, "maxLength": MAX_WORD}
_CONCORDANCE = (
    _QUERY._replace(description="The query, with a word or a phrase to show in its lines.", required=True),
    Parameter(
        "sort",
        {"enum": list(ORDERS), "default": ORDERS[0]},
        "The order of the lines: by the first, second or third word on one side of the match, or by article.",
    ),
    *(Parameter(side, _WORD, f"Only lines with this word to the {side} of the match.") for side in get_args(Side)),
    _MATCH,
    *_FILTERS,
    _LANG,
)
OUTCOMES = {201: "Created.", 202: f"Continues in the background; `{API}/reindex` shows the progress."}
_CSV = (
    *_SEARCH,
    Parameter(
        "bom",
        {"enum": ["false", "true"], "default": "false"},
        "Whether the file begins with a byte order mark, by which spreadsheets know that it is UTF-8.",
    ),
)
_LISTING = (
    Parameter("prefix", {"type": "string"}, "Only values with a word that starts with this."),
    Parameter("order", {"enum": ["count", "value"], "default": "count"}, "The most frequent first, or A to Z."),
    Parameter(
        "letter",
        {"type": "string", "pattern": r"^(0-9|[\s\S])$"},
        "Only values whose first word begins with this letter, or with a digit: `0-9`.",
    ),
)


def _members(parameters: Sequence[Parameter]) -> Schema:
    """Return the schema of a JSON object that has these parameters as members."""
    properties = {each.name: {**each.schema, "description": each.description} for each in parameters}
    required = [each.name for each in parameters if each.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


NO_ARTICLE = "There is no such article."
NO_PAGE = "Pages have no such number: those beyond the first 10,000 hits are reached by cursor."
_HIGHLIGHTED = (_QUERY._replace(description="A query whose matches are highlighted."), _MATCH, _SHAPE[-1], _LANG)
_SIMILAR = (_LIMIT._replace(description="The number of articles."), _LANG)
_VERSIONS = (_PAGE, _PAGED[1]._replace(description="Versions per page."), _LANG)
_COMPARED = (
    *(
        Parameter(name, {"type": "string", "minLength": 1}, f"The id of {which} article.", required=True)
        for name, which in zip(COMPARED, ("one", "the other"), strict=True)
    ),
    _LANG,
)
_WHOLE_SEARCH = (*_SEARCH, *_PAGED, *_SHAPE)
JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
OPERATIONS: tuple[Operation, ...] = (
    Operation(f"{API}/search", "search", "Search the archive", "Search", _WHOLE_SEARCH, schema.SearchAnswer, NO_PAGE),
    Operation(
        *(
            f"{API}/search",
            "post_search",
            "Search with parameters of any length",
            "Search",
            (),
            schema.SearchAnswer,
            NO_PAGE,
        ),
        method="post",
        body=Body("The parameters of GET as members of an object.", {JSON: _members(_WHOLE_SEARCH)}),
        others=(415,),
    ),
    Operation(
        *(f"{API}/suggest", "suggest", "Complete a partly typed query", "Search", (*_SEARCH, _LIMIT), schema.Suggestions)
    ),
    Operation(
        f"{API}/facets/{{field}}",
        *("values", "List all values of a field", "Search", (*_SEARCH, *_LISTING, _PAGE), schema.Values),
        "No article has that field, or there is no such page.",
    ),
    Operation(
        f"{API}/articles/{{id}}",
        *("article", "Get one article", "Articles", _HIGHLIGHTED, schema.ArticleAnswer, NO_ARTICLE),
    ),
    Operation(
        f"{API}/similar/{{id}}", "similar", "Find similar articles", "Articles", _SIMILAR, schema.Similar, NO_ARTICLE
    ),
    Operation(TRENDS, "trends", "Compare searches over time", "Search", _TRENDS, trend_schema.Trends),
    Operation(
        *(
            f"{API}/versions/{{id}}",
            "versions",
            "List the versions of an article",
            "Articles",
            _VERSIONS,
            version_schema.Versions,
        ),
        "There is no such article, or no such page.",
    ),
    Operation(
        f"{API}/diff", "diff", "Compare two articles word by word", "Articles", _COMPARED, version_schema.Diff, NO_ARTICLE
    ),
    Operation(
        *(CONCORDANCE, "concordance", "Show every match in its line", "Search"),
        (*_CONCORDANCE, _PAGE._replace(description="Page number, from 1. A page has 100 lines.")),
        concordance_schema.ConcordanceAnswer,
        "There is no such page.",
    ),
    Operation(f"{API}/quote", "quote", "Check a quotation", "Quotations", _QUOTATION, QuotationCheck),
    Operation(
        *(f"{API}/quote", "post_quote", "Check a quotation of any length", "Quotations", (), QuotationCheck),
        method="post",
        body=Body("The parameters of GET.", dict.fromkeys((JSON, _FORM), _members(_QUOTATION))),
        others=(415,),
    ),
    Operation("/search.atom", "feed", "Get the newest hits as an Atom feed", "Files", _SEARCH, "application/atom+xml"),
    Operation("/search.csv", "csv", "Get all hits as CSV", "Files", _CSV, MEDIA_TYPES["csv"]),
    Operation("/search.jsonl", "jsonl", "Get all hits as JSON Lines", "Files", _SEARCH, MEDIA_TYPES["jsonl"]),
    Operation("/search.ris", "ris", "Get all hits as references", "Files", _SEARCH, MEDIA_TYPES["ris"]),
    *(
        Operation(
            f"/article/{{id}}.{form}",
            f"citation_{form.partition('.')[0]}",
            f"Cite an article as {name}",
            "Articles",
            (),
            kind,
            NO_ARTICLE,
        )
        for form, (name, kind, _) in FORMATS.items()
    ),
    Operation(
        *(CONCORDANCE_CSV, "concordance_csv", "Show every match in its line, as CSV", "Files"),
        *(_CONCORDANCE, MEDIA_TYPES["csv"]),
    ),
    Operation(TRENDS_CSV, "trends_csv", "Compare searches over time, as CSV", "Files", _TRENDS, MEDIA_TYPES["csv"]),
    Operation(
        *("/alerts/{alert}.atom", "alert", "Get the articles of an alert", "Files", (), "application/atom+xml"),
        missing="There is no alert with this name.",
    ),
    Operation("/healthz", "health", "Check that the process is alive", "Operation", (), schema.Health, access="none"),
    Operation("/readyz", "ready", "Check that an index can answer", "Operation", (), schema.Health, access="none"),
    Operation("/metrics", "metrics", "Get metrics for Prometheus", "Operation", (), "text/plain"),
)
