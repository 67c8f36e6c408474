"""All values of a metadata field, page by page: by count or from A to Z, and those with a word that begins so."""

from dataclasses import dataclass
from typing import Literal

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.model.results import Facet, FacetValue

Order = Literal["count", "value"]
PAGE = 100
"""Values on a page."""


@dataclass(frozen=True, slots=True)
class FacetPage:
    """One page of the values of a field; `total` counts all those that were asked for.

    `complete` is False where the field has more values among the hits than are ever listed: these are the most frequent.
    """

    field: str
    values: tuple[FacetValue, ...]
    total: int
    page: int
    complete: bool

    @property
    def pages(self) -> int:
        """The number of pages that the values fill."""
        return -(-self.total // PAGE)


def facet_page(facet: Facet, prefix: str, order: Order, page: int) -> FacetPage:
    """A page of a facet's values; an empty one beyond the last."""
    written = Analyzer("none").tokens

    def words(text: str) -> str:
        """The words of a text, folded, each behind a space."""
        return "".join(f" {word}" for word in written(text))

    wanted = words(prefix)
    values = [value for value in facet.values if wanted in words(value.value)] if wanted else list(facet.values)
    if order == "value":
        values.sort(key=lambda value: (words(value.value), value.value))
    return FacetPage(facet.field, tuple(values[(page - 1) * PAGE : page * PAGE]), len(values), page, not facet.other)
