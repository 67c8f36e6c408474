"""The second engine: Whoosh, pure Python. Independent of the first, it checks its answers."""

from searchsvc.engines.protocol import Backend
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.schema import SCHEMA_VERSION
from searchsvc.engines.whoosh.writer import WhooshWriter

KIND = Backend(
    name="whoosh",
    schema=SCHEMA_VERSION,
    open=WhooshEngine,
    write=WhooshWriter,
    mutable_files=frozenset(),  # segments never change, and each commit writes a new table of contents
)
