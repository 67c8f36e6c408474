"""The language of an article that does not declare one.

py3langid tells it. That takes a tenth of a millisecond, and loading its model half a second, so that frequent words decide
first: nearly every article in one of a few widespread languages begins with enough of them.
"""

import logging
import os
import re
from functools import cache
from itertools import pairwise
from tempfile import gettempdir
from typing import TYPE_CHECKING

from searchsvc.corpus.budget import at_no_files_expense
from searchsvc.model.languages import UNSPACED

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_log = logging.getLogger(__name__)
MAX_TEXT = 400
"""Characters by which py3langid tells a language. More changed no answer for 3,000 news articles."""
_LOOKS = (200, MAX_TEXT, 1_600)
"""Characters in which frequent words are looked for. The first are enough for most articles."""
_MIN_LETTERS = 12
"""Letters that a text needs. Names and numbers alone have no language."""
_MIN_CONFIDENCE = 0.5
_CODES = """
af am ar as az be bg bn ca cs cy da de el en eo es et eu fa fi fr fy ga gd gl gu ha he hi hr hu hy id ig is it ja ka kk
km kn ko ku ky la lo lt lv mg mk ml mn mr ms my ne nl no om or pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr ug
uk ur uz vi xh yo zh zu
"""
"""Languages that are told apart, those in which there are newspapers: an identifier of many small ones errs more often."""
_FREQUENT_WORDS = {
    "en": "the of and to that was for with his he by which from they this had not their but been who were are have an "
    "said would about its out what when there could she you our him after into than other also two if my your these some "
    "then how because people only through before where being while such most many those should during between against",
    "de": "der die und das den von zu mit sich des ist im dem nicht ein eine als auch es werden aus wird bei sind einer",
    "fr": "le les des et du une est dans que qui pour au sur pas par plus ce avec sont cette aux ses ont mais nous",
    "es": "el los las del y una que con por se su para al lo como más pero sus ha este fue también está muy desde",
    "it": "il di che della per un del sono non gli alla nel anche dei delle è più dal ha degli nella ai questo come",
    "nl": "het een van dat op te zijn voor met niet aan er om ook als maar bij dan naar uit door wordt deze nog worden",
    "pt": "o os do da em um uma não para com dos no na mais por ao das foi à são pelo também mas pela seu",
    # These are like one of the others, and are only meant to be told from it.
    "ca": "el els les del dels amb que una per al són aquesta com més però ha seva si un",
    "gl": "o os da das en un unha non para con dos se na máis ao como pero ou é",
    "da": "og det er en til af på med der et den som ikke de har du kan fra",
    "sv": "och att det som en på är av med den till inte om ett de har du kan från",
    "no": "og det er på en til som av med et den ikke de har du kan fra",
    "cs": "v na se je že o s k ve pro po jako ale za",
    "pl": "w z na że się nie jest o jak po od dla przez lub",
    "sl": "je v na se da za z o ali ki po če pri od kot tudi",
    "af": "die van en het nie wat vir op te met om hy sy dit",
    "id": "yang dan di itu dengan untuk dari pada dalam ini tidak akan atau oleh adalah anda dapat van per",
}
_UNSPACED = re.compile(f"[{UNSPACED}]")
_ENOUGH_WORDS = 4
_ENOUGH_ALONE = 3  # if they are of one language only
_CLEARLY_MORE = 3  # times as many frequent words as any other language has
_SPARSE = 40  # characters for each frequent word beyond which a text is in another language, and quotes this one
_LANGUAGES_OF: dict[str, list[str]] = {}
for _code, _words in _FREQUENT_WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_code)


def detect_language(title: str, body: str) -> str:
    """Return the ISO 639-1 code of the language of an article. Return "" if it cannot be told."""
    head = (body if len(body) >= MAX_TEXT else f"{title}\n{body}")[: _LOOKS[-1]]
    found = (_by_frequent_words(head[:look].lower()) for less, look in pairwise((0, *_LOOKS)) if less < len(head))
    return next(filter(None, found), "") or _by_letters(head[:MAX_TEXT].lower())


def _by_frequent_words(text: str) -> str:
    found: list[str] = []
    for word in text.split():
        found += _LANGUAGES_OF.get(word, ())
    if len(found) < _ENOUGH_ALONE:
        return ""
    # Lists this short are counted faster than a Counter is made.
    (most, first), *others = sorted(((found.count(code), code) for code in set(found)), reverse=True)
    enough = max(_ENOUGH_WORDS, others[0][0] * _CLEARLY_MORE) if others else _ENOUGH_ALONE
    return first if most >= max(enough, len(text) / _SPARSE) else ""


def _by_letters(text: str) -> str:
    if sum(map(str.isalpha, text)) < _MIN_LETTERS and not _UNSPACED.search(text):
        return ""
    identifier = _identifier()
    code, confidence = identifier.classify(text) if identifier is not None else ("", 0.0)
    return code if confidence >= _MIN_CONFIDENCE else ""


@cache
def _identifier() -> "LanguageIdentifier | None":
    """Return the identifier, or None if its model cannot be unpacked: the library does that in a temporary file."""
    # NumPy's library for matrices would reserve memory for a thread on each core, more than a process that reads files has.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with at_no_files_expense():
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        try:
            identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        except OSError as error:
            _log.warning("the languages of articles cannot be told: make room in %s (%s)", gettempdir(), error)
            return None
        identifier.set_languages(_CODES.split())
    return identifier
