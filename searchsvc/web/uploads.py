"""The routes that change the archive, added only if a write token is set. Documented in docs/api.md."""

from typing import Any

from flask import Blueprint, Flask, Response, request

from searchsvc.api import schema
from searchsvc.api.links import mounted
from searchsvc.api.parameters import parse_full
from searchsvc.api.serialize import to_json
from searchsvc.errors import ConflictError
from searchsvc.indexer.jobs import ReindexJobs, ReindexStatus
from searchsvc.indexer.uploads import Change, Uploads
from searchsvc.search.service import SearchService
from searchsvc.web.auth import Tokens, UnauthorizedError
from searchsvc.web.openapi import NO_ARTICLE, Operation, Parameter
from searchsvc.web.request_reader import MAX_BODY_BYTES

MAX_ARTICLE_BYTES = 12 * 2**20
TIMEOUT_SECONDS = 20.0
"""Time after which a change that is not published yet is answered with 202."""
_FULL = Parameter("full", {"type": "boolean", "default": False}, "Reread every file, even if it has not changed.")
OPERATIONS = (
    Operation(
        *("/api/articles/{id}", "put", "Add or replace an article", ()),
        schema.Change,
        method="put",
        body="The article as a JSON object, with any of the usual field names.",
        statuses=(200, 201, 202),
        others=(413,),
    ),
    Operation(
        *("/api/articles/{id}", "delete", "Delete an article", (), schema.Change, NO_ARTICLE, "delete"), statuses=(200, 202)
    ),
    Operation(
        *("/api/reindex", "reindex", "Start a reindex in the background", (_FULL,), ReindexStatus),
        method="post",
        statuses=(202,),
        others=(409,),
    ),
    Operation("/api/reindex", "reindexing", "Show the progress or result of the last reindex", (), ReindexStatus),
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

    @routes.put("/api/articles/<anything:article_id>")
    def put(article_id: str) -> Response:
        request.max_content_length = MAX_ARTICLE_BYTES
        return _answer(uploads, uploads.put(article_id, request.get_data()))

    @routes.delete("/api/articles/<anything:article_id>")
    def delete(article_id: str) -> Response:
        return _answer(uploads, uploads.delete(article_id))

    @routes.post("/api/reindex")
    def start() -> Response:
        if not jobs.start(full=parse_full(request.args.items(multi=True))):
            raise ConflictError("a reindex is already running: GET /api/reindex shows its progress")
        return _json(jobs.status(), 202)

    @routes.get("/api/reindex")
    def status() -> Response:
        return _json(jobs.status(), 200)

    return routes


def body_limit(app: Flask, tokens: Tokens, write_token: str, environ: dict[str, Any]) -> int | None:
    """Return how large the body of a request may be, or None for an upload that is refused because of its token."""
    with app.request_context(environ):
        if request.endpoint != "writing.put":
            return MAX_BODY_BYTES
        return MAX_ARTICLE_BYTES if tokens.would_match_bearer(write_token) else None


def _answer(uploads: Uploads, change: Change) -> Response:
    """Return the change and, if the client waits for it, the first generation that contains it."""
    will_wait = "respond-async" not in {each.strip().lower() for each in request.headers.get("Prefer", "").split(",")}
    generation = uploads.wait(change, TIMEOUT_SECONDS) if will_wait else None
    status = 202 if generation is None else 201 if change.new else 200
    answer = _json(schema.Change(change.id, change.path, generation), status)
    if not will_wait:
        answer.headers["Preference-Applied"] = "respond-async"
    if status == 202:
        answer.headers["Location"] = mounted("/api/reindex")
    return answer


def _json(data: object, status: int) -> Response:
    answer = Response(to_json(data), status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
