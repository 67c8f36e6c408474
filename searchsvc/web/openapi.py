"""The OpenAPI 3.1 document of the API, built from a table of operations and the schema of their answers."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter

from searchsvc import __version__
from searchsvc.api import cursors, schema, trend_schema
from searchsvc.api.citations import FORMATS
from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.api.filters import spell_name
from searchsvc.api.parameter_reader import DATES, MAX_FACETS, MAX_FILTERS, NONE
from searchsvc.api.parameters import CHOSEN_FIELDS, HIGHLIGHTS, LIST_LENGTH, MAX_SNIPPETS
from searchsvc.api.serialize import API
from searchsvc.api.trends import CSV as TRENDS_CSV
from searchsvc.api.trends import TRENDS
from searchsvc.model.article import MAX_VALUE_BYTES, METADATA
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE, SNIPPETS
from searchsvc.search.quotations import MAX_CHARACTERS
from searchsvc.search.trends import MAX_SEARCHES, TREND_UNITS
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
    404: ("not-found", "The article, the field or the address does not exist."),
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
_ALWAYS = (400, 405, 406, 408, 413, 414, 429, 431, 500, 501, 503, 505)
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
    Parameter("unit", {"enum": list(TREND_UNITS), "default": "year"}, "The length of the periods."),
    _MATCH,
    *_FILTERS,
)
_OUTCOMES = {201: "Created.", 202: f"Continues in the background; `{API}/reindex` shows the progress."}
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
_WHOLE_SEARCH = (*_SEARCH, *_PAGED, *_SHAPE)
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
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
        body=Body("The parameters of GET as members of an object.", {_JSON: _members(_WHOLE_SEARCH)}),
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
    Operation(f"{API}/quote", "quote", "Check a quotation", "Quotations", _QUOTATION, schema.QuotationCheck),
    Operation(
        *(f"{API}/quote", "post_quote", "Check a quotation of any length", "Quotations", (), schema.QuotationCheck),
        method="post",
        body=Body("The parameters of GET.", dict.fromkeys((_JSON, _FORM), _members(_QUOTATION))),
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
    Operation(TRENDS_CSV, "trends_csv", "Compare searches over time, as CSV", "Files", _TRENDS, MEDIA_TYPES["csv"]),
    Operation("/healthz", "health", "Check that the process is alive", "Operation", (), schema.Health, access="none"),
    Operation("/readyz", "ready", "Check that an index can answer", "Operation", (), schema.Health, access="none"),
    Operation("/metrics", "metrics", "Get metrics for Prometheus", "Operation", (), "text/plain"),
)


def document(
    title: str, operations: Sequence[Operation], prefix: str = "", fields: Collection[str] = (), *, private: bool = False
) -> dict[str, Any]:
    """Return the OpenAPI document of some operations as JSON data. `prefix` precedes their paths.

    Operations that read need a token if the archive is `private`. `fields` are the metadata fields that filters can name.
    """
    naming = _naming(fields)
    info = {
        "title": f"{title}: search",
        "version": __version__,
        "summary": "Full-text search of an archive of articles.",
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    used = sorted(
        {status for each in operations for status in _problem_statuses(each)} - {404}
    )  # which says what is missing
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": prefix or "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": {
            path: {each.method: _operation(each, private, naming) for each in operations if each.path == path}
            for path in dict.fromkeys(each.path for each in operations)
        },
        "components": {
            "schemas": _schemas(_models(operations)),
            "responses": {PROBLEMS[status][0]: _problem(PROBLEMS[status][1]) for status in sorted(used)},
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer", "description": "The read or write token."}},
        },
    }


_MAX_LISTED_FIELDS = 100
_TOKEN = "token"  # noqa: S105  the name of a scheme
_REQUIRED = {"Hit": ["id", "title"], "Highlighted": []}
"""Members that are always there, of those schemas of which a request chooses the others."""


def _models(operations: Sequence[Operation]) -> frozenset[type]:
    return frozenset({each.answer for each in operations if not isinstance(each.answer, str)} | {schema.Problem})


@cache  # building them takes longer than a search
def _schemas(models: frozenset[type]) -> dict[str, Any]:
    """Return the schemas of all answers, and of those in them. Answers have all of their members."""
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = TypeAdapter.json_schemas(
        [(model, "serialization", TypeAdapter(model)) for model in ordered], ref_template="#/components/schemas/{model}"
    )
    found: dict[str, Any] = _with_plain_pairs(definitions["$defs"])
    for name, each in found.items():
        each["additionalProperties"] = False
        each["required"] = _REQUIRED.get(name, list(each["properties"]))
    if "SearchAnswer" in found:
        facets = found["SearchAnswer"]["properties"]["facets"]["items"]
        kinds = {"values": "ValuesFacet", "dates": "DatesFacet"}
        mapping = {kind: f"#/components/schemas/{name}" for kind, name in kinds.items()}
        facets["oneOf"] = facets.pop("anyOf")
        facets["discriminator"] = {"propertyName": "kind", "mapping": mapping}
    return found


def _with_plain_pairs(described: Any) -> Any:
    """Return a schema whose pairs of numbers are arrays. Generators of clients stumble over `prefixItems`."""
    if isinstance(described, list):
        return [_with_plain_pairs(each) for each in described]
    if not isinstance(described, dict):
        return described
    plain = {name: _with_plain_pairs(each) for name, each in described.items() if name != "prefixItems"}
    return plain | ({"items": described["prefixItems"][0]} if "prefixItems" in described else {})


def _problem_statuses(each: Operation) -> list[int]:
    unauthorized = [] if each.access == "none" else [401]
    return sorted({*_ALWAYS, *unauthorized, *([404] if each.missing else []), *each.others})


def _operation(each: Operation, private: bool, naming: Mapping[str, Schema]) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string", "minLength": 1}}
        for name, text in (("id", "The article's id, percent-encoded."), ("field", "The name of the field."))
        if f"{{{name}}}" in each.path
    ]
    problems = {str(status): _reference("responses", PROBLEMS[status][0]) for status in _problem_statuses(each)}
    problems |= {"404": _problem(each.missing)} if each.missing else {}
    answers = {str(status): {"description": _OUTCOMES.get(status, f"{each.summary}.")} for status in each.statuses}
    needs_token = each.access == "write" or (private and each.access == "read")
    described = {
        "operationId": each.name,
        "summary": each.summary,
        "tags": [each.tag],
        "security": [{_TOKEN: []}] if needs_token else [],
        "parameters": [*in_path, *(_parameter(parameter, naming) for parameter in each.parameters)],
        "responses": {status: answer | {"content": _content(each.answer)} for status, answer in answers.items()} | problems,
    }
    return described | ({"requestBody": _body(each.body, naming)} if each.body else {})


def _naming(fields: Collection[str]) -> Mapping[str, Schema]:
    """Return the schemas of the parameters that name fields. Patterns list the fields, unless these are very many."""
    if not 0 < len(fields) <= _MAX_LISTED_FIELDS:
        return {}
    names = "|".join(re.sub(r"[\\^$.|?*+()\[\]{}/]", r"\\\g<0>", spell_name(name)) for name in sorted(fields))
    return {
        "filter": {"type": "string", "pattern": rf"^-?({names}):([^\\]|\\[\s\S])"},
        "facet": {"type": "string", "pattern": rf"^({DATES}|{NONE}|{names})$"},
    }


def _body(body: Body, naming: Mapping[str, Schema]) -> dict[str, Any]:
    content = {media_type: {"schema": _with_names(described, naming)} for media_type, described in body.content.items()}
    return {"required": True, "description": body.description, "content": content}


def _with_names(described: Schema, naming: Mapping[str, Schema]) -> Schema:
    properties = described.get("properties", {})
    known = {name: {**properties[name], "items": items} for name, items in naming.items() if name in properties}
    return {**described, "properties": {**properties, **known}} if known else dict(described)


def _parameter(each: Parameter, naming: Mapping[str, Schema]) -> dict[str, Any]:
    schema = {**each.schema, "items": naming[each.name]} if each.name in naming else each.schema
    described: dict[str, Any] = {"name": each.name, "in": "query", "description": each.description, "schema": schema}
    described |= {"required": True} if each.required else {}
    return described | ({"style": "form", "explode": True} if each.schema.get("type") == "array" else {})


def _content(answer: type | str) -> dict[str, Any]:
    if isinstance(answer, str) and answer.endswith("+json"):
        return {answer: {"schema": {"type": "array", "items": {"type": "object"}}}}
    if isinstance(answer, str):  # a stream; generated clients for Python fail on text that is called binary
        return {answer: {"schema": {"type": "string"} | ({} if answer.startswith("text/") else {"format": "binary"})}}
    return {_JSON: {"schema": _reference("schemas", answer.__name__)}}


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference("schemas", schema.Problem.__name__)}}
    return {"description": description, "content": content}


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}
