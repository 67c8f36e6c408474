"""The parameters of a list of the values of a field: which are listed, in which order, and what a reader has chosen."""

from typing import NamedTuple, get_args

from searchsvc.api.parameter_reader import CHOOSING, LISTING, Pairs, ParameterReader
from searchsvc.errors import UserError
from searchsvc.model.number_ranges import NumberRange, number_of
from searchsvc.query import Note
from searchsvc.query.request import MAX_QUERY
from searchsvc.search.facet_values import Order, folded
from searchsvc.search.first_letters import DIGITS, first_letter


class ValueListing(NamedTuple):
    """The selection and order of a list of values."""

    prefix: str
    order: Order
    letter: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the listing, without those that have their default value."""
        return [pair for pair in zip(LISTING, self, strict=True) if pair[1] not in ("", get_args(Order)[0])]


def parse_listing(pairs: Pairs) -> tuple[ValueListing, list[tuple[str, str]]]:
    """Parse the parameters of a listing, and return them and the others. Raise UserError for an invalid value."""
    listing, others, _ = _listing(pairs, strict=True)
    return listing, others


def parse_page_listing(pairs: Pairs) -> tuple[ValueListing, list[tuple[str, str]], tuple[Note, ...]]:
    """Parse the parameters of a listing on a page, and return them, the others, and notes on values that are ignored."""
    return _listing(pairs, strict=False)


def _listing(pairs: Pairs, *, strict: bool) -> tuple[ValueListing, list[tuple[str, str]], tuple[Note, ...]]:
    pairs = list(pairs)
    given = ParameterReader((pair for pair in pairs if pair[0] in LISTING), (), LISTING, strict=strict, mend=not strict)
    listing = ValueListing(given.one("prefix")[:MAX_QUERY], given.choice("order", get_args(Order)), _letter(given))
    return listing, [pair for pair in pairs if pair[0] not in LISTING], tuple(given.notes)


def _letter(given: ParameterReader) -> str:
    """Return the letter of a listing as values are listed by it, DIGITS for any digit, or "" for every value."""
    text = given.one("letter")
    if text != DIGITS and len(text) > 1:
        if not given.mends:
            raise UserError(f"letter must be one letter, or {DIGITS}", param="letter")
        given.note_ignored("letter", text)
        return ""
    return text if text in ("", DIGITS) else first_letter(folded(text)) or text


class Choice(NamedTuple):
    """What a reader has chosen on the page of all values: a range of numbers, and whether to go to the results."""

    numbers: NumberRange | None
    is_final: bool


def parse_choice(pairs: Pairs) -> tuple[Choice, list[tuple[str, str]]]:
    """Parse `least`, `most` and `show`, and return them and the other parameters. An end that is no number is left open.

    A range whose ends are in the wrong order is turned around.
    """
    pairs = list(pairs)
    given = {name: value.strip() for name, value in pairs if name in CHOOSING}
    ends = [number_of(given.get(name, "")) for name in ("least", "most")]
    known = sorted(number for number in ends if number is not None)
    numbers = NumberRange(*(known if len(known) == 2 else ends)) if known else None
    return Choice(numbers, bool(given)), [pair for pair in pairs if pair[0] not in CHOOSING]
