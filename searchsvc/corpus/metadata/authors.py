"""Names of authors in bylines: several names are split, one name never is, and roles and agencies are cut off.

“Jane Smith and Bo Li” are two, “José Ortega y Gasset”, “Hale & Pemberton” and “Department of Trade and Industry” are one.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from searchsvc.corpus.metadata.datelines import AGENCIES
from searchsvc.corpus.metadata.people import name_of
from searchsvc.corpus.metadata.values import split_written_list

MAX_NAMES = 500  # characters of the longest text between delimiters that is looked at
MAX_BYLINE = 150  # characters of the text of a page's byline; a longer one is the author's biography
MAX_NAME = 60
MAX_WORDS = 6  # of a name

_BY = re.compile(
    r"""(?: (?:written|words|posted|published|text|texte|story|report|reported|article|photos?|edited|geschrieben|verfasst
        |ein\s\w{4,12}|écrit|publié|rédigé|escrito|publicado|scritto|pubblicato|geschreven)\s(?:by|von|par|por|da|door)
      | a\scura\sdi | by | von(?!\s(?:der?|dem|und)\b) | par | por | d[ia](?=\s\S+\s) | door | av | af | oleh | przez )
      \s?:?\s(?=\S)(?!\S+,\s\S+$)""",
    re.VERBOSE | re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:authors?|(?:written )?by|words|story|text[eo]?|autor(?:in|en|es|as|a|i)?|auteurs?|autrice|autori|von|par"
    r"|por|di|redaktion|автор(?:ы|и)?|текст|[\u4e00-\u9fff]{1,6}|글|기자|yazar|penulis|skribent|tekst"
    r"|forfatter|schrijver) ?[:：] ?",
    re.IGNORECASE,
)
_CONJUNCTIONS = """
and und et en y e i og och ja oraz a és și si ve dan và agus eta dhe ir un и і й та και و with mit avec & + AND UND ET Y
"""
_AND = frozenset(_CONJUNCTIONS.split())
_LEADING_AND = re.compile(r"^(?:and|und|et|y|e|en|og|och|и|&) (?=\S+ )")
_SMALL_WORDS = """
de del della di da das dos do du la las le les los el al bin bint ibn van von vom zu zum zur der den dem ten ter af av
"""
_PARTICLES = _AND | frozenset(_SMALL_WORDS.split())
_ORGANISATION = re.compile(
    r"\b(?:of|for|für|pour|para|voor|för|til|the"
    r"|(?:minister|ministr|minist|depart|départ|institu|universi|committee|comit|council|office|agenc|associa|asocia|society"
    r"|gesellschaft|verein|verband|bundes|commission|comisi|federa|foundation|stiftung|fundaci|museum|bibliot|librar|cent(?:er|re)"
    r"|zentrum|министерств|департамент|комитет|институт)\w*)\b",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:writer|reporter|correspondent|editor|columnist|contributor|journalist|producer|blogger|critic|photographer|analyst|fellow"
    r"|professor|anchor|CEO|president|director|(?:ressort|chef)?redakt(?:eur|ör|ør)(?:in)?|reporterin|korrespondent(?:in)?"
    r"|volontär(?:in)?|journalist(?:e|in)|autorin|rédact(?:eur|rice)|correspondante?|redactora?|periodista|corresponsal|reporter[oa]"
    r"|redattore|redattrice|giornalista|corrispondente|verslaggever|redacteur|корреспондент|журналист|редактор|обозреватель)"
)
_HAS_ROLE = re.compile(rf"\b{_ROLE}s?\b|^(?:Ph\.?D|M\.?D|R\.?D|M\.?S|M\.?A|MPH|Esq|D\.?O)\.?$", re.IGNORECASE)
_ROLE_AT_END = re.compile(
    r"(?: (?:senior|staff|contributing|associate|deputy|chief|guest|managing|executive|news|political|sports?"
    rf"|business|science|health|foreign|special|freelance|freier?)){{0,4}} {_ROLE}$",
    re.IGNORECASE,
)
_AGENCY_AT_END = re.compile(
    rf"(?: ?[/,|] ?| (?:and|und|et|y|mit|with|avec|for) | ?[(\[])(?:{'|'.join(sorted(AGENCIES))})[)\]]?$"
)
_LIST = re.compile(" ?[;；、，] ?| [|•·] ")

_BEFORE_NAME = re.compile(
    r"^(?:view all|all|alle|zeige|mehr|more|posted|published|written|erstellt|geschrieben|verfasst|eine?|text|story|words"
    r"|posts|beiträge|beitrag|articles?|artikel|recipe|übersetzt|translated|[\d.:/]+)"
    r"\b.{0,50}? (?:by|von|from|par|por|door) (?=\S)",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    r" ?[|•·»>]| [-–—] | ?[(\[]|/| \d|, ?\d"
    r"|,? (?:am|on|le|el|il|op|updated|published|posted|zuletzt|veröffentlicht) | https?:| \S+@",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:(?:the|der|die|le|la) )?"
    r"(?:authors?|autor(?:en|in)?|auteurs?|admin(?:istrator)?|webmaster|anonymous|unknown|guest|gast|root|publisher"
    r"|share|teilen|follow|comments?|kommentare?|mehr|more|home|posts?|profile?|bio|about|e-?mail|twitter|facebook|instagram"
    r"|alle|all|view|zeige|zum|by|von|par|por|published|posted|publiziert|veröffentlicht|geschrieben|erstellt|written"
    r"|https?|www|null|none|undefined|n/a)\b(?!\.)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[!?…@{}<>=]|://|[^\W\d_]{5}\. \w|: ")


def split_authors(byline: str) -> list[str]:
    """Return the names in a byline of single spaces, without “by”, roles and agencies. One name stays as it is."""
    return list(_known_names(byline) if len(byline) <= MAX_BYLINE else _names(byline))


def _names(byline: str) -> tuple[str, ...]:
    written = split_written_list(byline)
    if written is not None:
        return tuple(name for item in written for name in split_authors(item))
    parts = [part for part in _LIST.split(_remove_by(name_of(byline.strip()))) if part]
    return tuple(name for part in parts for name in _iter_names(part))


_known_names = lru_cache(maxsize=20_000)(_names)  # an archive has most bylines many times


def clean_byline(text: str) -> list[str]:
    """Return the names in a byline of a page, without the words, dates and roles around them. Other texts give no name."""
    text = " ".join(text.split())
    if len(text) > MAX_BYLINE:
        return []
    names = (_AFTER_NAME.split(name, maxsplit=1)[0] for name in split_authors(_BEFORE_NAME.sub("", text)))
    return [name for name in (name.strip(" ,:;-–—|") for name in names) if _is_plausible(name)]


def _is_plausible(name: str) -> bool:
    is_text = 1 < len(name) <= MAX_NAME and name[0].isalpha() and len(name.split()) <= MAX_WORDS
    return is_text and not _NO_NAME.match(name) and not _SENTENCE.search(name)


def _remove_by(text: str) -> str:
    """Return a byline without “by”, in any of several languages. The “von” of a name such as `von der Leyen` stays."""
    label = _LABEL.match(text)
    text = text[label.end() :] if label is not None and label.end() < len(text) else text
    by = _BY.match(text)
    return text[by.end() :] if by is not None else text


def _iter_names(text: str) -> Iterator[str]:
    for part in _split_at_commas(text):
        if len(part) > MAX_NAMES:
            yield part
        else:
            yield from filter(None, map(_remove_role, _split_at_and(part)))


def _split_at_commas(text: str) -> list[str]:
    """Return the names between commas, without roles and agencies. `Smith, Jane` is one name."""
    first, *others = text.split(", ")
    others = [_LEADING_AND.sub("", part) for part in others if part not in AGENCIES and not _is_role(part)]
    if others and not _ORGANISATION.search(first[:MAX_NAMES]) and all(" " in part for part in (first, *others)):
        return [first, *others]
    return [", ".join((first, *others))]


def _is_role(part: str) -> bool:
    return _HAS_ROLE.search(part[:MAX_NAMES]) is not None


def _split_at_and(text: str) -> Iterator[str]:
    """Yield the parts of a text around each “and” that stands between two whole names."""
    words = text.split(" ")
    ands = [at for at, word in enumerate(words) if word in _AND]
    begin = 0
    for at, following in pairwise([*ands, len(words)]):
        left, right = words[begin:at], words[at + 1 : following]
        if _is_whole_name(left) and _is_whole_name(right) and not _ORGANISATION.search(" ".join(left)):
            yield " ".join(left).rstrip(",")
            begin = at + 1
    yield " ".join(words[begin:])


def _is_whole_name(words: list[str]) -> bool:
    """Return whether words are a first and a last name at least."""
    return sum(word not in _PARTICLES for word in words) > 1


def _remove_role(name: str) -> str:
    name = _AGENCY_AT_END.sub("", name)
    without = _ROLE_AT_END.sub("", name)
    return without if " " in without else name
