"""Wire copy: what agencies put in front of the text instead of into fields.

A line such as ` date 2022-12-23 ` opens the text, and a dateline names place, country, day and agency:
`New Delhi [India], December 23 (ANI):`, `LONDON (Reuters) -`, `WASHINGTON, Feb 26 -`, `PARIS, 3 mars (AFP) -`.
A wrong place is worse than none, so that what does not look like a dateline through and through is left alone.
"""

import re
from typing import NamedTuple

_HEADER = re.compile(r"\s*date:?[ \t]+(\d{4}-\d{2}-\d{2})[ \t\n]+", re.IGNORECASE)
_DAY = r"(?:[^\W\d_]{3,10}\.?[ ]\d{1,2}|\d{1,2}\.?[ ][^\W\d_]{3,10}\.?)"
_DATELINE = re.compile(
    rf"""
    (?P<place>[^\W\d_][^\W_]*(?:[ .'’-]+[^\W_]+){{0,3}}\.?)
    (?:[ ]\[(?P<country>[^\W\d_][^\]\n]{{1,40}})\])?
    (?:,[ ](?P<region>[A-Z][^\W\d_]+(?:[ ][A-Z][^\W\d_]+)?))??
    (?:,[ ](?P<day>{_DAY}))?
    (?:[ ]\((?P<agency>[A-Z][A-Za-z]{{1,15}}(?:[ /][A-Z][A-Za-z]{{1,15}})?)\))?
    [ ]?(?:[:—–]|-{{1,2}})[ ]
    """,
    re.VERBOSE,
)
_SENTENCE = re.compile(r"(.+?[.!?…]['\"”’»)]*)(?=\s+[^\s\da-z]|\s*$)|(.+?[。！？।])", re.DOTALL)
MAX_TITLE = 300


class Dateline(NamedTuple):
    """What a dateline says; "" for what it does not, and `length` characters of text that it takes."""

    places: tuple[str, ...]
    agency: str
    length: int


def split_header(text: str) -> tuple[str, str]:
    """The day of a leading `date` line ("" where there is none), and the text behind it."""
    header = _HEADER.match(text)
    return (header[1], text[header.end() :]) if header else ("", text)


def dateline(text: str) -> Dateline | None:
    """The dateline that a text begins with; None where it has none that is beyond doubt."""
    found = _DATELINE.match(text[:160])
    if found is None:
        return None
    place, country = found["place"], found["country"] or found["region"] or ""
    shouted = place.isupper() and len(place) > 2
    if len(found["agency"] or "") > 5 and found["agency"].isupper():
        return None  # “(REVISED)”: agencies shout in up to five letters
    if not (found["agency"] and (shouted or found["day"])) and not (shouted and found["day"]):
        return None
    return Dateline(tuple(filter(None, (_capitals(place), country))), found["agency"] or "", found.end())


def first_sentence(text: str) -> str:
    """What can stand as the title of a text without one: its first sentence, at most 300 characters of it."""
    paragraph = text.lstrip().partition("\n\n")[0][:2_000]
    found = _SENTENCE.match(paragraph)
    sentence = " ".join((found.group() if found else paragraph).split())
    if len(sentence) <= MAX_TITLE:
        return sentence
    return sentence[: sentence.rfind(" ", 0, MAX_TITLE) if " " in sentence[:MAX_TITLE] else MAX_TITLE] + " …"


def _capitals(place: str) -> str:
    """`NEW DELHI` as `New Delhi`."""
    return place.title() if place.isupper() else place
