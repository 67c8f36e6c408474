"""The engines by name. Only the one in use is loaded."""

from searchsvc.config import ENGINES, Settings
from searchsvc.engines.protocol import Backend
from searchsvc.errors import UserError


def backend_for(name: str, settings: Settings) -> Backend:
    """Return the backend of this name. Raise UserError if it is unknown or its library is not installed."""
    match name:
        case "tantivy":
            from searchsvc.engines.tantivy import BACKEND as tantivy  # noqa: N811, PLC0415

            return tantivy
        case "whoosh":
            from searchsvc.engines.whoosh import BACKEND as whoosh  # noqa: N811, PLC0415

            return whoosh
        case "opensearch":
            try:
                from searchsvc.engines.opensearch import backend  # noqa: PLC0415
            except ModuleNotFoundError as error:
                raise UserError(
                    f"the engine opensearch needs {error.name}: pip install 'searchsvc[opensearch]'", param="engine"
                ) from error

            return backend(settings)
        case _:
            known = ", ".join(ENGINES)
            raise UserError(f"unknown engine “{name}”; choose from {known}", param="engine", hint=ENGINES[0])
