"""The routes that change the archive, added only if a write token is set. Documented in docs/api.md."""

from typing import Any

from flask import Blueprint, Flask, Response, request

from searchsvc.api import change_schema
from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.api.parameters import parse_full, parse_nothing
from searchsvc.api.serialize import API, to_json
from searchsvc.errors import ConflictError, SearchsvcError
from searchsvc.indexer.jobs import ReindexJobs, ReindexStatus
from searchsvc.indexer.uploads import MAX_LINES, Change, Uploads
from searchsvc.search.service import SearchService
from searchsvc.web.auth import Tokens, UnauthorizedError
from searchsvc.web.bodies import address_pairs
from searchsvc.web.operations import NO_ARTICLE, Body, Operation, Parameter
from searchsvc.web.request_reader import MAX_BODY_BYTES
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses

MAX_ARTICLE_BYTES = 12 * 2**20
_STATUS = f"{API}/reindex"
TIMEOUT_SECONDS = 20.0
"""Time after which a change that is not published yet is answered with 202."""
_FULL = Parameter("full", {"type": "boolean", "default": False}, "Reread every file, even if it has not changed.")
_RECORD = {"type": "object"}
OPERATIONS = (
    Operation(
        *(f"{API}/articles", "put_all", "Add or replace many articles", "Changes", (), change_schema.Changes),
        method="post",
        body=Body(
            f"Up to {MAX_LINES:,} lines of JSON, each an article as an object with its `id`, as `/search.jsonl` writes it.",
            {kind: {"type": "string", "format": "binary"} for kind in (MEDIA_TYPES["jsonl"], "application/octet-stream")},
        ),
        statuses=(200, 202),
        access="write",
    ),
    Operation(
        *(f"{API}/articles/{{id}}", "put", "Add or replace an article", "Changes", (), change_schema.Change),
        method="put",
        body=Body("The article as an object, with any of the usual field names.", {"application/json": _RECORD}),
        statuses=(200, 201, 202),
        access="write",
    ),
    Operation(
        *(
            f"{API}/articles/{{id}}",
            "delete",
            "Delete an article",
            "Changes",
            (),
            change_schema.Change,
            NO_ARTICLE,
            "delete",
        ),
        statuses=(200, 202),
        access="write",
    ),
    Operation(
        *(f"{API}/reindex", "reindex", "Start a reindex in the background", "Changes", (_FULL,), ReindexStatus),
        method="post",
        statuses=(202,),
        others=(409,),
        access="write",
    ),
    Operation(
        *(f"{API}/reindex", "reindexing", "Show the progress or result of the last reindex", "Changes", (), ReindexStatus),
        access="write",
    ),
)
"""The operations of the routes, for the OpenAPI document."""


def blueprint(service: SearchService, tokens: Tokens) -> Blueprint:
    """Return the routes that change the archive. Each of them requires the write token."""
    routes = Blueprint("writing", __name__)
    jobs = ReindexJobs(service.settings)
    uploads = Uploads(service, jobs)

    @routes.before_request
    def require_token() -> None:
        if not tokens.match_bearer(service.settings.write_token):
            raise UnauthorizedError("changing the archive needs the header “Authorization: Bearer TOKEN”")

    @api_route(routes, "/articles/<anything:article_id>", "PUT")
    def put(article_id: str) -> Response:
        parse_nothing(address_pairs())
        request.max_content_length = MAX_ARTICLE_BYTES
        return _answer(uploads, uploads.put(article_id, request.get_data()))

    @api_route(routes, "/articles/<anything:article_id>", "DELETE")
    def delete(article_id: str) -> Response:
        parse_nothing(address_pairs())
        return _answer(uploads, uploads.delete(article_id))

    @api_route(routes, "/articles", "POST")
    def put_all() -> Response:
        parse_nothing(address_pairs())
        request.max_content_length = MAX_ARTICLE_BYTES
        return _answer_lines(uploads, uploads.put_lines(request.get_data()))

    @api_route(routes, "/reindex", "POST")
    def start() -> Response:
        if not jobs.start(full=parse_full(address_pairs())):
            raise ConflictError(f"a reindex is already running: GET {request_addresses().to(_STATUS)} shows its progress")
        return _json(jobs.status(), 202)

    @api_route(routes, "/reindex")
    def status() -> Response:
        parse_nothing(address_pairs())
        return _json(jobs.status(), 200)

    return routes


def body_limit(app: Flask, tokens: Tokens, write_token: str, environ: dict[str, Any]) -> int | None:
    """Return how large the body of a request may be, or None for an upload that is refused because of its token."""
    with app.request_context(environ):
        if request.endpoint not in ("writing.put", "writing.put_all"):
            return MAX_BODY_BYTES
        return MAX_ARTICLE_BYTES if tokens.would_match_bearer(write_token) else None


def _answer(uploads: Uploads, change: Change) -> Response:
    """Return the change and, if the client waits for it, the first generation that contains it."""
    generation = _wait(uploads, [change])
    status = 202 if generation is None else 201 if change.new else 200
    return _accepted(change_schema.Change(change.id, change.path, generation), status)


def _answer_lines(uploads: Uploads, lines: list[Change | SearchsvcError]) -> Response:
    """Return what became of each line, as `_answer` does."""
    changes = [each for each in lines if isinstance(each, Change)]
    generation = _wait(uploads, changes)
    results = tuple(_line(number, each) for number, each in enumerate(lines, start=1))
    return _accepted(change_schema.Changes(results, generation), 202 if generation is None else 200)


def _line(number: int, outcome: Change | SearchsvcError) -> change_schema.ChangedLine:
    if isinstance(outcome, Change):
        return change_schema.ChangedLine(number, "created" if outcome.new else "replaced", outcome.id, outcome.path, None)
    return change_schema.ChangedLine(number, "refused", None, None, outcome.public)


def _wait(uploads: Uploads, changes: list[Change]) -> str | None:
    """Return the first generation with some changes. Return None if the client does not wait, or for too long."""
    return uploads.wait(changes, TIMEOUT_SECONDS) if _will_wait() else None


def _will_wait() -> bool:
    return "respond-async" not in {each.strip().lower() for each in request.headers.get("Prefer", "").split(",")}


def _accepted(data: object, status: int) -> Response:
    answer = _json(data, status)
    if not _will_wait():
        answer.headers["Preference-Applied"] = "respond-async"
    if status == 202:
        answer.headers["Location"] = request_addresses().to(_STATUS)
    return answer


def _json(data: object, status: int) -> Response:
    answer = Response(to_json(data), status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
