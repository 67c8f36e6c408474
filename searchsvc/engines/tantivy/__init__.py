"""The default engine: Tantivy, Lucene's design in Rust, embedded. How its library behaves is in each module's comments."""

from searchsvc.engines.protocol import Backend
from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.schema import SCHEMA_VERSION
from searchsvc.engines.tantivy.writer import TantivyWriter

KIND = Backend(
    name="tantivy",
    schema=SCHEMA_VERSION,
    open=TantivyEngine,
    write=TantivyWriter,
    mutable_files=frozenset({"meta.json", ".managed.json"}),
)
