"""Wire copy: metadata that news agencies write into the text instead of into fields.

The text may start with a line such as ` date 2022-12-23 `, and with a dateline of place, country, day and agency:
`New Delhi [India], December 23 (ANI):`, `LONDON (Reuters) -`, `WASHINGTON, Feb 26 -`, `PARIS, 3 mars (AFP) -`.
A wrong place is worse than none, so that anything doubtful is not taken for a dateline.
"""

import re
from typing import NamedTuple

_DATE_LINE = re.compile(r"\s*date:?[ \t]+(\d{4}-\d{2}-\d{2})[ \t\n]+", re.IGNORECASE)
_DAY = r"(?:[^\W\d_]{3,10}\.?[ ]\d{1,2}|\d{1,2}\.?[ ][^\W\d_]{3,10}\.?)"
_DATELINE = re.compile(
    rf"""
    (?P<place>[^\W\d_][^\W_]*(?:[ .'’-]+[^\W_]+){{0,3}}?\.??)
    (?:[ ]\[(?P<country>[^\W\d_][^\]\n]{{1,40}})\])?
    (?:,[ ](?P<region>[A-Z][^\W\d_]+(?:[ ][A-Z][^\W\d_]+)?|(?:[A-Z][a-z]*\.)+(?:[ ][A-Z][a-z]*\.)?))??
    (?:[,.][ ](?P<day>{_DAY})\.?)?
    (?:[ ][(/](?P<agency>[A-Zd][A-Za-z]{{1,15}}(?:[ /][A-Z][A-Za-z]{{1,15}})?)[)/]\.?)?
    (?:(?P<dash>[ ]?(?:[:—–]|-{{1,2}}))|(?<=[)/])|(?<=[)/]\.))[ ]
    """,
    re.VERBOSE,
)
_FIRST_SENTENCE = re.compile(r"(.+?[.!?…]['\"”’»)]*)(?=\s+[^\s\da-z]|\s*$)|(.+?[。！？।])", re.DOTALL)
MAX_TITLE = 300  # characters of a title that is made of the first sentence

_AGENCIES = """
AAP AFP AGI ANI ANP ANSA AP APA Antara Bernama BNS CNA CP CTK dpa DPA EFE IANS Interfax IRNA Jiji KUNA Kyodo Lusa MENA MTI
NAN NHK NTB PA PAP PTI Reuters Ritzau SANA SPA TASS TT UNI UPI WAM Xinhua Yonhap
"""
AGENCIES = frozenset(_AGENCIES.split())
"""Known news agencies. At the end of a text, only one of these in parentheses is a credit."""
_PICTURE_WORDS = ("photo", "photos", "picture", "foto", "fotos", "image", "video", "graphic", "file", "source", "from")
"""Words that precede the agency in the credit of a picture."""
_CREDIT = re.compile(r"\(([A-Za-z]{2,8})\)[\s.]*$")
_SMALL_WORDS = re.compile(r"(?<=[ -])(?:De|Do|Da|Di|Del|La|Of|On|Upon|Sur|Am|And|The)(?=[ -])")
_STATES = """
Ala.=Alabama Ariz.=Arizona Ark.=Arkansas B.C.=British_Columbia Calif.=California Colo.=Colorado Conn.=Connecticut D.C.=
Del.=Delaware Fla.=Florida Ga.=Georgia Ill.=Illinois Ind.=Indiana Kan.=Kansas Ky.=Kentucky La.=Louisiana
Mass.=Massachusetts Md.=Maryland Mich.=Michigan Minn.=Minnesota Miss.=Mississippi Mo.=Missouri Mont.=Montana
N.B.=New_Brunswick N.C.=North_Carolina N.D.=North_Dakota N.H.=New_Hampshire N.J.=New_Jersey N.M.=New_Mexico N.Y.=New_York
Neb.=Nebraska Nev.=Nevada Okla.=Oklahoma Ont.=Ontario Ore.=Oregon Pa.=Pennsylvania Que.=Quebec R.I.=Rhode_Island
S.C.=South_Carolina S.D.=South_Dakota Tenn.=Tennessee Tex.=Texas Va.=Virginia Vt.=Vermont W.Va.=West_Virginia
Wash.=Washington Wis.=Wisconsin Wyo.=Wyoming
"""
_STATES_BY_ABBREVIATION = dict(pair.replace("_", " ").split("=") for pair in _STATES.split())
"""States and provinces by their abbreviations in datelines. D.C. is "", since it adds nothing to the city."""


class Dateline(NamedTuple):
    """The places and the agency of a dateline, if it names any, and its number of characters."""

    places: tuple[str, ...]
    agency: str
    length: int


def split_date_line(text: str) -> tuple[str, str]:
    """Return the day of a leading `date` line, or "" if there is none, and the text after it."""
    date_line = _DATE_LINE.match(text)
    return (date_line[1], text[date_line.end() :]) if date_line else ("", text)


def parse_dateline(text: str) -> Dateline | None:
    """Parse the dateline at the start of a text. Return None if there is none, or only a doubtful one."""
    match = _DATELINE.match(text[:160])
    if match is None:
        return None
    place, country = match["place"], match["country"] or match["region"] or ""
    if not _is_certain(place, match["day"] or "", match["agency"] or "", has_dash=bool(match["dash"])):
        return None
    country = _STATES_BY_ABBREVIATION.get(country, country)
    return Dateline(tuple(filter(None, (_capitalize(place), country))), match["agency"] or "", match.end())


def _is_certain(place: str, day: str, agency: str, *, has_dash: bool) -> bool:
    """Return whether two parts of a match prove a dateline. The dash may be missing only after a known agency."""
    is_upper = place.isupper() and len(place) > 2
    if agency in AGENCIES and (is_upper or day):
        return True
    if not has_dash or (agency.isupper() and len(agency) > 5):
        return False  # “(REVISED)”: upper-case names of agencies have at most five letters
    if agency in AGENCIES:
        return " " not in place and place.casefold() not in _PICTURE_WORDS  # “Berlin (dpa) -”, not “Jane Smith (AP) -”
    return bool(agency and (is_upper or day)) or (is_upper and bool(day))


def agency_credit(text: str) -> str:
    """Return the agency in parentheses at the end of a text, as in `(ANI)`. Return "" if there is none."""
    match = _CREDIT.search(text[-40:])
    return match[1] if match is not None and match[1] in AGENCIES else ""


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, cut to `MAX_TITLE` characters, for a title."""
    paragraph = text.lstrip().partition("\n\n")[0][:2_000]
    match = _FIRST_SENTENCE.match(paragraph)
    sentence = " ".join((match[0] if match else paragraph).split())
    if len(sentence) <= MAX_TITLE:
        return sentence
    return sentence[: sentence.rfind(" ", 0, MAX_TITLE) if " " in sentence[:MAX_TITLE] else MAX_TITLE] + " …"


def _capitalize(place: str) -> str:
    """Return `NEW DELHI` as `New Delhi`, and `RIO DE JANEIRO` as `Rio de Janeiro`."""
    return _SMALL_WORDS.sub(lambda word: word[0].lower(), place.title()) if place.isupper() else place
