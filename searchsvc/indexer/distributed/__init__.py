"""A reindex that several machines share, for engines that they can all write to.

Each machine reads a part of the corpus with `reindex_part`, and the last one publishes the generation. The machines agree
through a folder that all of them see. This package starts no other machine, and it copies no files between machines.
"""

from searchsvc.indexer.distributed.parts import PartReport, reindex_part
from searchsvc.indexer.distributed.plan import Part, parse_part

__all__ = ["Part", "PartReport", "parse_part", "reindex_part"]
