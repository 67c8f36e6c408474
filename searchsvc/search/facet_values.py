"""All values of a metadata field, page by page."""

from dataclasses import dataclass
from typing import Literal

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.model.results import FacetValue, FieldFacet

Order = Literal["count", "value"]
PAGE = 100  # values on a page


@dataclass(frozen=True, slots=True)
class FacetPage:
    """One page of the values of a field, of `total` values that match the prefix."""

    field: str
    values: tuple[FacetValue, ...]
    total: int
    page: int
    complete: bool  # False if the hits have more values than can be listed: these are then the most frequent

    @property
    def pages(self) -> int:
        return -(-self.total // PAGE)


def facet_page(facet: FieldFacet, prefix: str, order: Order, page: int) -> FacetPage:
    """Return a page of the values with a word that begins with `prefix`. A page beyond the last is empty."""
    wanted = folded(prefix)
    values = [value for value in facet.values if wanted in folded(value.value)] if wanted else list(facet.values)
    if order == "value":
        values.sort(key=lambda value: (folded(value.value), value.value))
    return FacetPage(facet.field, tuple(values[(page - 1) * PAGE : page * PAGE]), len(values), page, not facet.other)


def folded(text: str) -> str:
    """Return the words of a text as written, folded, each behind a space, so that beginnings of words can be looked for."""
    return "".join(f" {word}" for word in analyzer_for("none").tokens(text))
