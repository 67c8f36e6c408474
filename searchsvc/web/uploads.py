"""The addresses that change the archive. They exist only where a token for them is set. Documented in docs/api.md."""

from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, request

from searchsvc.api.parameters import read_full
from searchsvc.api.serialize import change_data
from searchsvc.errors import ConflictError, UserError
from searchsvc.indexer.jobs import ReindexJobs
from searchsvc.indexer.uploads import Change, Changes
from searchsvc.search.service import SearchService
from searchsvc.web.auth import UnauthorizedError, has_token

MAX_ARTICLE_BYTES = 12 * 2**20
PATIENCE_SECONDS = 20.0
"""How long a change is waited for before it is answered that it will be seen."""


def blueprint(service: SearchService, token: str) -> Blueprint:
    """The addresses that change the archive, for who says this token."""
    routes = Blueprint("writing", __name__)
    background = ReindexJobs(service.settings)
    changes = Changes(service, background)

    @routes.before_request
    def refuse() -> None:
        if not has_token(token):
            raise UnauthorizedError("changing the archive takes the header “Authorization: Bearer TOKEN”")

    @routes.put("/api/articles/<anything:article_id>")
    def put(article_id: str) -> Response:
        request.max_content_length = MAX_ARTICLE_BYTES
        change = changes.put(article_id, _record(request.get_data()))
        return _answer(changes, change)

    @routes.delete("/api/articles/<anything:article_id>")
    def delete(article_id: str) -> Response:
        return _answer(changes, changes.delete(article_id))

    @routes.post("/api/reindex")
    def start() -> Response:
        if not background.start(full=read_full(request.args.items(multi=True))):
            raise ConflictError("a reindex is running: GET /api/reindex says how far it has come")
        return _json(asdict(background.status()), 202)

    @routes.get("/api/reindex")
    def status() -> Response:
        return _json(asdict(background.status()), 200)

    return routes


def _answer(changes: Changes, change: Change) -> Response:
    """What was changed, and from which generation on that can be seen, unless the client will not wait for it."""
    will_wait = "respond-async" not in {each.strip().lower() for each in request.headers.get("Prefer", "").split(",")}
    generation = changes.generation(change, PATIENCE_SECONDS) if will_wait else None
    status = 202 if generation is None else 201 if change.new else 200
    answer = _json(change_data(change.id, change.path, generation), status)
    if not will_wait:
        answer.headers["Preference-Applied"] = "respond-async"
    if status == 202:
        answer.headers["Location"] = "/api/reindex"
    return answer


def _record(data: bytes) -> dict[str, Any]:
    """The body as a record; raises UserError, with the position, for what is none."""
    try:
        record = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise UserError(f"the body is not JSON: {error}", position=error.pos) from None
    if not isinstance(record, dict):
        raise UserError("the body has to be a JSON object with the fields of one article")
    return record


def _json(data: dict[str, Any], status: int) -> Response:
    answer = Response(orjson.dumps(data), status, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
