"""The engines by name."""

from searchsvc.config import ENGINES, Settings
from searchsvc.engines.protocol import Backend
from searchsvc.errors import UserError


def backend_for(name: str, settings: Settings) -> Backend:
    """The engine of this name, as these settings have it; raises UserError where there is none."""
    match name:
        case "tantivy":
            from searchsvc.engines.tantivy import KIND  # noqa: PLC0415  only the engine that was chosen is loaded

            return KIND
        case "whoosh":
            from searchsvc.engines.whoosh import KIND as WHOOSH  # noqa: PLC0415

            return WHOOSH
        case "opensearch":
            try:
                from searchsvc.engines.opensearch import kind_of  # noqa: PLC0415
            except ModuleNotFoundError as error:
                raise UserError(
                    f"the engine opensearch needs {error.name}: pip install 'searchsvc[opensearch]'", param="engine"
                ) from error

            return kind_of(settings)
        case _:
            known = ", ".join(ENGINES)
            raise UserError(f"unknown engine “{name}”: known are {known}", param="engine", hint=ENGINES[0])
