"""The default engine: Tantivy, an embedded library in Rust designed like Lucene.

The comments of each module name the behaviour of the library that the code depends on.
"""

from searchsvc.engines.protocol import Backend
from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.schema import SCHEMA_VERSION
from searchsvc.engines.tantivy.writer import TantivyWriter

BACKEND = Backend(
    name="tantivy",
    schema_version=SCHEMA_VERSION,
    open=TantivyEngine,
    writer=TantivyWriter,
    mutable_files=frozenset({"meta.json", ".managed.json"}),
    lock_files=frozenset({".tantivy-writer.lock", ".tantivy-meta.lock"}),
    language_share=0.01,  # each language costs every query some time
)
