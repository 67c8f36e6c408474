"""Engines find articles: one protocol, and an implementation on Tantivy, on Whoosh and on OpenSearch.

An engine indexes articles into a folder, compiles query trees, ranks, sorts, counts facets and reads articles back. It does
not highlight, suggest or parse text, and knows nothing of generations, parameters or pages.
"""

from searchsvc.engines.protocol import Backend, DistributedWriting, Engine, FieldStats, IndexWriter, SharedWriter
from searchsvc.engines.registry import backend_for

__all__ = ["Backend", "DistributedWriting", "Engine", "FieldStats", "IndexWriter", "SharedWriter", "backend_for"]
