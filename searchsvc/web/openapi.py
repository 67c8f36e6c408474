"""The OpenAPI 3.1 document of the API, built from a table of operations and the schema of their answers."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from searchsvc import __version__
from searchsvc.api import schema
from searchsvc.api.parameters import LIST_LENGTH
from searchsvc.model.article import MAX_VALUE_BYTES
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE
from searchsvc.search.quotations import MAX_CHARACTERS

Schema = Mapping[str, Any]


class Parameter(NamedTuple):
    """A parameter in the query string."""

    name: str
    schema: Schema
    description: str
    required: bool = False


class Operation(NamedTuple):
    """A method of an address, its parameters, and its answer: a class of the schema, or the media type of a file.

    `missing` describes the 404 of the operation, and `body` its request body. Either is "" if there is none. The body is
    JSON, and may be a form if `is_form`. `statuses` are those of successful answers, `others` those of problems that not
    every operation has.
    """

    path: str
    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    answer: type | str
    missing: str = ""
    method: str = "get"
    body: str = ""
    statuses: tuple[int, ...] = (200,)
    others: tuple[int, ...] = ()
    body_schema: Schema = MappingProxyType({"type": "object"})
    is_form: bool = False


PROBLEMS = {
    400: (
        "bad-request",
        "A parameter is unknown or has an invalid value; `param` names it, and `hint` the nearest valid one.",
    ),
    401: ("unauthorized", "The archive is private, and the token is missing or wrong."),
    404: ("not-found", "The article, the field or the address does not exist."),
    405: ("method-not-allowed", "The address does not allow this method; `Allow` lists those that it does."),
    406: ("not-acceptable", "The Accept header excludes the media type of the answer."),
    408: ("timeout", "The request did not arrive within 10 seconds."),
    409: ("conflict", "Something else is in progress, such as another reindex."),
    413: ("too-large", "The request body is larger than 64 KiB, or 12 MiB for an article."),
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


def problem_type(status: int) -> str:
    """Return the path of the description of a problem, below that of the service."""
    return f"/api/docs#{PROBLEMS[status][0] if status in PROBLEMS else 'bad-request'}"


_QUERY = Parameter("q", {"type": "string", "maxLength": MAX_QUERY}, "The query; leave it empty for all articles.")
_PAGE = Parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH}, "Page number, from 1.")
_LENGTH = {"type": "integer", "minimum": 1, "maximum": MAX_PER_PAGE}
_LIMIT = Parameter("limit", _LENGTH | {"default": LIST_LENGTH}, "Entries of each kind.")
_DAY = {"type": "string", "pattern": r"^\d{4}(-\d{1,2}(-\d{1,2})?)?$"}
_FILTERS = (
    Parameter("from", _DAY, "The first day, month or year."),
    Parameter("to", _DAY, "The last day, month or year."),
    Parameter("date", {"type": "array", "items": _DAY}, "A year, a month or a day; several are alternatives."),
    Parameter(
        "FIELD",
        {"type": "object", "additionalProperties": {"type": "string", "maxLength": MAX_VALUE_BYTES}},
        "An exact value of any metadata field, by its name; repeat for alternatives. `x.FIELD` works for all.",
    ),
)
_SEARCH = (
    _QUERY,
    Parameter("match", {"enum": ["all", "any"], "default": "all"}, "All of the words, or any of them."),
    Parameter("sort", {"enum": ["relevance", "newest", "oldest"], "default": "relevance"}, "The order of the hits."),
    *_FILTERS,
)
_QUOTATION = (
    Parameter(
        *("text", {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}, "The sentence or paragraph to check."),
        required=True,
    ),
    Parameter("limit", _LENGTH | {"default": PER_PAGE}, "Articles or passages to return."),
    *_FILTERS,
)
_PAGED = (
    _PAGE,
    Parameter("per_page", _LENGTH | {"default": PER_PAGE}, "Hits per page."),
    Parameter("cursor", {"type": "string"}, "The previous answer's cursor, or `*` for the first page; instead of `page`."),
)


def _body_schema(parameters: Sequence[Parameter]) -> Schema:
    """Return the schema of a body that has these parameters as members. Any other member is the value of a field."""
    own = {each.name: {**each.schema, "description": each.description} for each in parameters if each.name != "FIELD"}
    value = {"type": "string", "maxLength": MAX_VALUE_BYTES}
    other = {"anyOf": [value, {"type": "array", "items": value}]}
    required = [each.name for each in parameters if each.required]
    return {"type": "object", "properties": own, "required": required, "additionalProperties": other}


_FACET = Parameter("facet", {"type": "array", "items": {"type": "string"}}, "A field to count, or `date`.")
_OUTCOMES = {201: "Created.", 202: "Continues in the background; `/api/reindex` shows the progress."}
_LISTING = (
    Parameter("prefix", {"type": "string"}, "Only values with a word that starts with this."),
    Parameter("order", {"enum": ["count", "value"], "default": "count"}, "The most frequent first, or A to Z."),
)

NO_ARTICLE = "There is no such article."
OPERATIONS: tuple[Operation, ...] = (
    Operation("/api/search", "search", "Search the archive", (*_SEARCH, *_PAGED, _FACET), schema.SearchAnswer),
    Operation("/api/articles/{id}", "article", "Get one article", (), schema.Article, NO_ARTICLE),
    Operation("/api/similar/{id}", "similar", "Find similar articles", (_LIMIT,), schema.Similar, NO_ARTICLE),
    Operation("/api/suggest", "suggest", "Complete a partly typed query", (*_SEARCH, _LIMIT), schema.Suggestions),
    Operation(
        *("/api/facets/{field}", "values", "List all values of a field", (*_SEARCH, *_LISTING, _PAGE), schema.Values),
        "No article has that field.",
    ),
    Operation("/api/quote", "quote", "Check a quotation", _QUOTATION, schema.QuotationCheck),
    Operation(
        *("/api/quote", "post_quote", "Check a quotation of any length", (), schema.QuotationCheck, "", "post"),
        body="The parameters of GET as a JSON object, or as a form.",
        body_schema=_body_schema(_QUOTATION),
        is_form=True,
        others=(413, 415),
    ),
    Operation("/search.atom", "feed", "The newest hits of a search as an Atom feed", _SEARCH, "application/atom+xml"),
    Operation("/search.csv", "csv", "All hits of a search as CSV", _SEARCH, "text/csv"),
    Operation("/search.jsonl", "jsonl", "All hits of a search as JSON Lines", _SEARCH, "application/x-ndjson"),
    Operation("/search.ris", "ris", "All hits of a search as references", _SEARCH, "application/x-research-info-systems"),
    Operation("/healthz", "health", "Check that the process is alive", (), schema.Health),
    Operation("/readyz", "ready", "Check that an index can answer", (), schema.Health),
)


def document(title: str, operations: Sequence[Operation], prefix: str = "") -> dict[str, Any]:
    """Return the OpenAPI document of some operations as JSON data. `prefix` precedes their paths."""
    models = {each.answer for each in operations if not isinstance(each.answer, str)} | {schema.Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = TypeAdapter.json_schemas(
        [(model, "serialization", TypeAdapter(model)) for model in ordered], ref_template="#/components/schemas/{model}"
    )
    for name, each in definitions["$defs"].items():
        each["additionalProperties"] = False
        if name != "Problem":  # answers have all of their members, and problems leave out empty ones
            each["required"] = list(each["properties"])
    info = {"title": f"{title}: search", "version": __version__, "summary": "Full-text search of an archive of articles."}
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": prefix or "/"}],
        "paths": {
            path: {each.method: _operation(each) for each in operations if each.path == path}
            for path in dict.fromkeys(each.path for each in operations)
        },
        "components": {"schemas": definitions["$defs"]},
    }


def _operation(each: Operation) -> dict[str, Any]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in ("id", "field")
        if f"{{{name}}}" in each.path
    ]
    statuses = [400, 401, 429, 500, 503, *([404] if each.missing else []), *each.others]
    problems = {str(status): _problem(status, each.missing) for status in sorted(statuses)}
    answers = {str(status): {"description": _OUTCOMES.get(status, each.summary)} for status in each.statuses}
    types = ("application/json", *(("application/x-www-form-urlencoded",) if each.is_form else ()))
    content = {media_type: {"schema": dict(each.body_schema)} for media_type in types}
    body = {"required": True, "description": each.body, "content": content}
    return ({"requestBody": body} if each.body else {}) | {
        "operationId": each.name,
        "summary": each.summary,
        "parameters": [*in_path, *map(_parameter, each.parameters)],
        "responses": {status: answer | {"content": _content(each.answer)} for status, answer in answers.items()}
        | (problems if each.path != "/healthz" else {"500": problems["500"]}),
    }


def _parameter(each: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {"name": each.name, "in": "query", "description": each.description, "schema": each.schema}
    described |= {"required": True} if each.required else {}
    return described | ({"style": "form", "explode": True} if each.schema.get("type") in ("array", "object") else {})


def _content(answer: type | str) -> dict[str, Any]:
    if isinstance(answer, str):
        return {answer: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{answer.__name__}"}}}


def _problem(status: int, missing: str) -> dict[str, Any]:
    return {
        "description": missing if status == 404 else PROBLEMS[status][1],
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
