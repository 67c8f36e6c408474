"""All values of a metadata field, page by page."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.model.number_ranges import number_of
from searchsvc.model.results import FacetValue, FieldFacet
from searchsvc.search.first_letters import first_letter, letters_of

Order = Literal["count", "value"]
PAGE = 100  # values on a page


@dataclass(frozen=True, slots=True)
class FacetPage:
    """One page of the values of a field, of `total` values that match the prefix and the letter.

    `letters` are those that the values begin with which match the prefix.
    """

    field: str
    values: tuple[FacetValue, ...]
    total: int
    page: int
    complete: bool  # False if the hits have more values than can be listed: these are then the most frequent
    letters: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        return -(-self.total // PAGE)


def folded(text: str) -> str:
    """Return the words of a text as written, folded, each behind a space, so that beginnings of words can be looked for."""
    return "".join(f" {word}" for word in analyzer_for("none").tokens(text))


class FieldValues:
    """The values of a field among the hits of a search, with their words. Threads can share it.

    The order of names and the letters are computed once they are asked for.
    """

    def __init__(self, facet: FieldFacet, fold: Callable[[str], str] = folded) -> None:
        self._facet = facet
        self._words = [fold(each.value) for each in facet.values]

    def has(self, values: Iterable[str]) -> bool:
        """Return whether all of these values are listed."""
        return all(value in self._by_value for value in values)

    def words_of(self, value: str) -> str:
        """Return the words of a value. To look them up takes a tenth of the time of folding them."""
        return self._by_value.get(value) or folded(value)

    def page(
        self, prefix: str, order: Order, number: int, letter: str = "", selected: Collection[str] | None = None
    ) -> FacetPage:
        """Return a page of the values with a word that begins with `prefix`, and a first word that begins with `letter`.

        A page beyond the last is empty. `selected` are the values that are selected, if they are others than in the facet.
        """
        words, wanted = self._words, folded(prefix)
        places: Sequence[int] = self._by_name if order == "value" else range(len(words))
        if wanted:
            places = [place for place in places if wanted in words[place]]
        letters = letters_of(words[place] for place in places) if wanted else self._letters
        if letter:
            places = [place for place in places if first_letter(words[place]) == letter]
        shown = [self._facet.values[place] for place in places[(number - 1) * PAGE : number * PAGE]]
        if selected is not None:
            shown = [replace(each, selected=each.value in selected) for each in shown]
        return FacetPage(self._facet.field, tuple(shown), len(places), number, not self._facet.other, letters)

    @cached_property
    def _by_value(self) -> dict[str, str]:
        return {each.value: words for each, words in zip(self._facet.values, self._words, strict=True)}

    @cached_property
    def _by_name(self) -> list[int]:
        """The places of the values: numbers in their order, then all others in that of their words."""
        values, words = self._facet.values, self._words

        def key(place: int) -> tuple[bool, float, str, str]:
            value = values[place].value
            number = number_of(value)
            return number is None, number or 0.0, words[place], value

        return sorted(range(len(words)), key=key)

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        return letters_of(self._words)
