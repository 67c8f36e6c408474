"""The forms of words for numbers that scripts fill in: English has two, Arabic six."""

from functools import lru_cache

from babel import Locale
from flask_babel import get_locale

_TRIED = 200  # numbers among which each form is needed


def plural_samples() -> tuple[tuple[str, int], ...]:
    """Return each plural category of the interface's language, as CLDR calls it, with a number that needs it."""
    return _samples(get_locale() or Locale("en"))


@lru_cache(maxsize=50)
def _samples(locale: Locale) -> tuple[tuple[str, int], ...]:
    samples: dict[str, int] = {}
    for number in range(_TRIED):
        samples.setdefault(locale.plural_form(number), number)
    return tuple(samples.items())
