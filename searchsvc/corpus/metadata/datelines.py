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
    (?P<place>[^\W\d_][^\W_]*(?:[ .'’-]+[^\W_]+){{0,3}}?\.??)
    (?:[ ]\[(?P<country>[^\W\d_][^\]\n]{{1,40}})\])?
    (?:,[ ](?P<region>[A-Z][^\W\d_]+(?:[ ][A-Z][^\W\d_]+)?|(?:[A-Z][a-z]*\.)+(?:[ ][A-Z][a-z]*\.)?))??
    (?:[,.][ ](?P<day>{_DAY})\.?)?
    (?:[ ][(/](?P<agency>[A-Zd][A-Za-z]{{1,15}}(?:[ /][A-Z][A-Za-z]{{1,15}})?)[)/]\.?)?
    (?:(?P<dash>[ ]?(?:[:—–]|-{{1,2}}))|(?<=[)/])|(?<=[)/]\.))[ ]
    """,
    re.VERBOSE,
)
_SENTENCE = re.compile(r"(.+?[.!?…]['\"”’»)]*)(?=\s+[^\s\da-z]|\s*$)|(.+?[。！？।])", re.DOTALL)
MAX_TITLE = 300


_AGENCIES = """
AAP AFP AGI ANI ANP ANSA AP APA Antara Bernama BNS CNA CP CTK dpa DPA EFE IANS Interfax IRNA Jiji KUNA Kyodo Lusa MENA MTI
NAN NHK NTB PA PAP PTI Reuters Ritzau SANA SPA TASS TT UNI UPI WAM Xinhua Yonhap
"""
AGENCIES = frozenset(_AGENCIES.split())
"""Those whose credit at the end of a text is taken for one; any other word in parentheses may be anything."""
_CREDITED = ("photo", "photos", "picture", "foto", "fotos", "image", "video", "graphic", "file", "source", "from")
"""What stands before an agency in the credit of a picture."""
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
_ABBREVIATED = dict(pair.replace("_", " ").split("=") for pair in _STATES.split())
"""States and provinces as agencies shorten them; "" for what says no more than the city."""


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
    if not _is_beyond_doubt(place, found["day"] or "", found["agency"] or "", dashed=bool(found["dash"])):
        return None
    country = _ABBREVIATED.get(country, country)
    return Dateline(tuple(filter(None, (_capitals(place), country))), found["agency"] or "", found.end())


def _is_beyond_doubt(place: str, day: str, agency: str, *, dashed: bool) -> bool:
    """Whether what looks like a dateline is one: two things have to say so, and the dash may only follow a known agency."""
    shouted = place.isupper() and len(place) > 2
    if agency in AGENCIES and (shouted or day):
        return True
    if not dashed or (agency.isupper() and len(agency) > 5):
        return False  # “(REVISED)”: agencies shout in up to five letters
    if agency in AGENCIES:
        return " " not in place and place.casefold() not in _CREDITED  # “Berlin (dpa) -”, not “Jane Smith (AP) -”
    return bool(agency and (shouted or day)) or (shouted and bool(day))


def credit(text: str) -> str:
    """The agency that a text ends with in parentheses, `(ANI)`; "" where it ends otherwise."""
    found = _CREDIT.search(text[-40:])
    return found[1] if found is not None and found[1] in AGENCIES else ""


def first_sentence(text: str) -> str:
    """What can stand as the title of a text without one: its first sentence, at most 300 characters of it."""
    paragraph = text.lstrip().partition("\n\n")[0][:2_000]
    found = _SENTENCE.match(paragraph)
    sentence = " ".join((found.group() if found else paragraph).split())
    if len(sentence) <= MAX_TITLE:
        return sentence
    return sentence[: sentence.rfind(" ", 0, MAX_TITLE) if " " in sentence[:MAX_TITLE] else MAX_TITLE] + " …"


def _capitals(place: str) -> str:
    """`NEW DELHI` as `New Delhi`, `RIO DE JANEIRO` as `Rio de Janeiro`."""
    return _SMALL_WORDS.sub(lambda word: word[0].lower(), place.title()) if place.isupper() else place
