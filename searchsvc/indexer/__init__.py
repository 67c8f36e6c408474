"""From the corpus to the next generation of the index.

`reindex` reads the files that changed, writes their articles into a draft, verifies the draft and publishes it. `jobs` runs
it in a process of its own, `uploads` changes the corpus over HTTP, and `distributed` shares the work among machines. This
package answers no searches. A process that only searches should not import it, since it loads the file readers.
"""

from searchsvc.indexer.reindex import reindex
from searchsvc.indexer.report import FormatCounts, Progress, ReindexReport

__all__ = ["FormatCounts", "Progress", "ReindexReport", "reindex"]
