"""Writes the table of month names from the Unicode CLDR, as Babel has it.

    python -m dev.month_names > searchsvc/corpus/metadata/month_names.txt

Babel takes half a second to load these languages, which every process that reads files would have to spend.
"""

from babel import Locale

_LOCALES = """
en de fr es pt it nl ru uk be pl cs sk sl hr sr sr_Latn bs bg mk ro hu fi et lv lt sv da nb nn is fo el tr az kk ky uz tk tt
ar ar_LB ar_DZ ar_MA fa ps ur he hi bn mr ne gu pa ta te kn ml si th lo km my id ms fil sw zu af am ca gl eu cy ga gd br
sq hy ka lb rm fy mt de_AT
"""
"""In the order of precedence: `listopada` is November in Polish, and October in Croatian."""


def table() -> str:
    """Return a line for each language: its code, and the names of the twelve months."""
    return "".join(f"{code}: {'; '.join(' | '.join(names) for names in _names(code))}\n" for code in _LOCALES.split())


def _names(code: str) -> list[list[str]]:
    """Return the names of each month: in a date and alone, written out and abbreviated."""
    months = Locale.parse(code).months
    forms = [months[context][width] for context in ("format", "stand-alone") for width in ("wide", "abbreviated")]
    return [list(dict.fromkeys(form[number].strip() for form in forms)) for number in range(1, 13)]


if __name__ == "__main__":
    print(table(), end="")
