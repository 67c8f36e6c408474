"""The engines by name. Only the one in use is loaded."""

from searchsvc.config import ENGINES, Settings
from searchsvc.engines.newest import with_future_last
from searchsvc.engines.protocol import Backend
from searchsvc.errors import UserError
from searchsvc.extras import describe_missing


def backend_for(name: str, settings: Settings) -> Backend:
    """Return the backend of this name. Raise UserError if it is unknown or its library is not installed."""
    match name:
        case "tantivy":
            from searchsvc.engines.tantivy import BACKEND as tantivy  # noqa: N811, PLC0415

            return with_future_last(tantivy)
        case "whoosh":
            _require_extra("whoosh")
            from searchsvc.engines.whoosh import BACKEND as whoosh  # noqa: N811, PLC0415

            return with_future_last(whoosh)
        case "opensearch":
            _require_extra("opensearch")
            from searchsvc.engines.opensearch import backend  # noqa: PLC0415

            return with_future_last(backend(settings))
        case _:
            known = ", ".join(ENGINES)
            raise UserError(f"unknown engine “{name}”; choose from {known}", param="engine", hint=ENGINES[0])


def _require_extra(engine: str) -> None:
    missing = describe_missing(engine)
    if missing:
        raise UserError(f"the engine {engine} {missing}", param="engine")
