"""The second engine: Whoosh, pure Python. It shares no query code with the first one, so the two check each other."""

from searchsvc.engines.protocol import Backend
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.writer import SCHEMA_VERSION, WhooshWriter

# Segments never change, and each commit writes a new table of contents: there are no mutable files.
BACKEND = Backend("whoosh", SCHEMA_VERSION, WhooshEngine, WhooshWriter, lock_files=frozenset({"MAIN_WRITELOCK"}))
