"""Whether an index tells the truth.

`check` examines a new generation before it is published. `audit` compares an engine's answers to random requests with the
reference, which says a second time what a request means. Not useful for damaged files, which `index` finds by their
checksums, nor for repairs, which `searchsvc reindex --full` does.
"""

from searchsvc.verify.audit import Audit, audit
from searchsvc.verify.checks import check

__all__ = ["Audit", "audit", "check"]
