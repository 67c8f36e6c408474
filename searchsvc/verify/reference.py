"""The meaning of a request, written a second time and by brute force.

The contract tests and `searchsvc check --verify` compare engines with this module. A mistake that an engine and its tests
share would go unnoticed, so it imports only values and the syntax tree. Words, folding, stems, wildcards, edit distance and
phrases are its own. Nothing here is fast.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from hashlib import blake2b
from importlib import import_module
from typing import Any, assert_never

import regex

from searchsvc.model.article import METADATA, Article
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query.ast import (
    TEXT_FIELDS,
    And,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    MatchAll,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Wildcard,
)
from searchsvc.query.request import SearchRequest

_UNSPACED = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}ー〆\uff70\uff9e\uff9f\uac00-\ud7a3"
"""Scripts that are written without spaces: each of their characters is a word."""
_POINTS = (
    r"[[\p{M}--\p{Alphabetic}--\p{ccc=virama}][\p{M}&&[\p{InCombining_Diacritical_Marks}"
    r"\p{InCombining_Diacritical_Marks_Supplement}\p{InHebrew}\p{InArabic}\p{InArabic_Extended_A}\p{InSyriac}]]]"
)
_SIGNS = r"[ʹʺʻʽʾʿˈˌـ\ufb1e\ufc5e-\ufc63\ufcf2-\ufcf4\ufe70-\ufe7f]"
_LEFT_OUT = rf"[[{_POINTS}[\p{{Cf}}&&\p{{Default_Ignorable_Code_Point}}]{_SIGNS}]--[{_UNSPACED}]]"
"""Marks that count as not there: accents, points, tatweel, signs of transliteration, and whatever has no width."""
_LETTER = rf"[[\p{{Alphabetic}}\p{{N}}\p{{ccc=virama}}]--ʼ--{_LEFT_OUT}]"
_WORD = regex.compile(
    rf"(?V1)[\uff66-\uff9d][\uff9e\uff9f]?|[[{_UNSPACED}]&&[\p{{Alphabetic}}\p{{N}}]--[\uff9e\uff9f]]"
    rf"|[{_LETTER}--[{_UNSPACED}]][[{_LETTER}{_LEFT_OUT}]--[{_UNSPACED}]]*"
)
_MARK = regex.compile(rf"(?V1){_LEFT_OUT}")
_LINE_END = regex.compile(r"(?V1)(?<=[\p{L}\p{M}\p{Cf}\p{No}\p{Nl}])[-‐⸗]\n[ \t]*(?=[\p{L}\p{No}\p{Nl}])")
_PART = rf"[[\p{{L}}\p{{N}}]--[{_UNSPACED}]]"
_NO_MARK = r"[\p{M}\p{Cf}]"
_HYPHENATED = regex.compile(
    rf"(?V1)(?<!{_PART}|{_NO_MARK}|[\p{{L}}\p{{N}}][-‐‑])({_PART}+)[-‐‑]({_PART}+)(?!{_PART}|[-‐‑]{_PART}|{_NO_MARK})"
)
_THOUSANDS = regex.compile(
    rf"(?V1)(?<!{_PART}|{_NO_MARK}|[\p{{L}}\p{{N}}][,.\u00a0\u202f])[0-9]{{1,3}}([,.\u00a0\u202f])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    rf"(?![0-9]|{_NO_MARK})"
)
_MAX_JOINED, _MAX_JOINED_WORDS = 40, 10_000
_POSSESSIVE = regex.compile(r"(?<=[\p{L}\p{M}\p{N}\p{Cf}])(?<!ʼ)['’ʼ][sSſ][^\p{L}\p{N}_]*$")
_MAX_WORD_BYTES = 199
_MAX_VALUE_BYTES = 1_000
_FOLDED = {"ß": "ss", "ẞ": "ss", "þ": "th", "Þ": "th", "ð": "d", "Ð": "d", "ŋ": "n", "Ŋ": "n", "ə": "a", "Ə": "a"}
_PLAIN = str.maketrans("ЁёЀѐЍѝςµٱىیےکةہەۃ", "ЕеЕеИиσμ" + "\u0627" + "\u064a" * 3 + "\u0643" + "\u0647" * 4)
_LATIN = regex.compile(r"LATIN (?:CAPITAL |SMALL )?(?:LETTER|LIGATURE) (?:[A-Z]+ )*?([A-Z]{1,2})(?: WITH .*)?")
"""Matches the Unicode name of a letter such as ø or æ, which no normal form takes apart."""


@dataclass(frozen=True)
class AnalyzedArticle:
    """An article, and the words of its fields in the language by whose rules it is searched."""

    article: Article
    language: str

    def values(self, field: str) -> tuple[str, ...]:
        """Return the distinct values of a metadata field, cut as they are indexed."""
        found = getattr(self.article, field) if field in METADATA else self.article.extra.get(field, ())
        values = (found,) if isinstance(found, str) else found
        return tuple(dict.fromkeys(_cut(value) for value in values if value))

    @cached_property
    def tokens(self) -> "dict[str, list[list[str]]]":
        """Return the folded words of each field, one list for each of its values or for each reading of title and body."""
        texts = {
            field: [*readings(text), *joined_words(text)]
            for field, text in (("title", self.article.title), ("body", self.article.body))
        }
        every = texts | {field: self.values(field) for field in (*self.article.extra, *METADATA)}
        return {field: [tokenize(value) for value in values] for field, values in every.items()}

    @cached_property
    def stems(self) -> "dict[str, list[list[str]]]":
        """Return the stems of the words of title and body."""
        return {
            field: [[_stem(word, self.language) for word in words] for words in self.tokens[field]] for field in TEXT_FIELDS
        }


def matches(request: SearchRequest, analyzed: AnalyzedArticle) -> bool:
    """Return whether the request finds the article."""
    day = analyzed.article.date
    return (
        all(_keeps(request, field, analyzed.values(field)) for field in _filtered(request))
        and (not request.dates or str(day).startswith(request.dates))
        and ((request.start is None and request.end is None) or _is_within(day, request.start, request.end))
        and _is_in_share(request.share, analyzed.article.id)
        and (not request.without or _number(analyzed.article.id) not in request.without)
        and matches_tree(request.tree, analyzed)
    )


def _is_in_share(share: float, article_id: str) -> bool:
    """Return whether an article is among a share of all articles, which are chosen by a hash of their ids."""
    return share >= 1 or _number(article_id) <= max(0, int(share * 2**63) - 1)


def _number(article_id: str) -> int:
    return int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest()) >> 1


def _filtered(request: SearchRequest) -> set[str]:
    return {*request.filters, *request.ranges, *request.excluded}


def _keeps(request: SearchRequest, field: str, values: Sequence[str]) -> bool:
    """Return whether the filters of a field keep an article with these values: one of each kind of filter is enough."""
    wanted: tuple[str | NumberRange, ...] = (*request.filters.get(field, ()), *request.ranges.get(field, ()))
    unwanted = request.excluded.get(field, ())
    has_wanted = not wanted or any(_is_value(value, each) for value in values for each in wanted)
    return has_wanted and not any(_is_value(value, each) for value in values for each in unwanted)


def _is_value(value: str, wanted: str | NumberRange) -> bool:
    if isinstance(wanted, str):
        return value == wanted
    is_number = regex.fullmatch(r"[-+]?[0-9]{1,300}([.][0-9]{1,300})?([eE][-+]?[0-9]{1,3})?", value)
    least = float("-inf") if wanted.least is None else wanted.least
    most = float("inf") if wanted.most is None else wanted.most
    return bool(is_number) and abs(float(value)) != float("inf") and least <= float(value) <= most


def facet_values(request: SearchRequest, analyzed: AnalyzedArticle, field: str) -> tuple[str, ...]:
    """Return the values that the article adds to the facet of a field, which ignores the filter of that field."""
    filters = {name: given for name, given in request.filters.items() if name != field}
    ranges = {name: given for name, given in request.ranges.items() if name != field}
    excluded = {name: given for name, given in request.excluded.items() if name != field}
    others = replace(request, filters=filters, ranges=ranges, excluded=excluded, without=())
    return analyzed.values(field) if matches(others, analyzed) else ()


def facet_period(request: SearchRequest, analyzed: AnalyzedArticle) -> str:
    """Return the year, month or day to which the article adds one in the date facet, or "" for none.

    The facet shows years, the months of the year that all selected periods share, or the days of the month that they share,
    unless the request chooses the unit.
    """
    years, months = ({period[:length] for period in request.dates} for length in (4, 7))
    scope = "".join(months if len(months) == 1 else years if len(years) == 1 else ())
    day = str(analyzed.article.date or "")
    shown = day.startswith(scope) and matches(replace(request, dates=(), without=()), analyzed)
    length = {"year": 4, "month": 7, "day": 10, None: len(scope) + 3 if scope else 4}[request.date_unit]
    return day[:length] if shown else ""


def matches_tree(tree: Node, analyzed: AnalyzedArticle) -> bool:
    """Return whether the tree matches the article. A tree without any word to search for matches every article."""
    return _holds(tree, analyzed, None) is not False


def _holds(node: Node, analyzed: AnalyzedArticle, scope: str | None) -> bool | None:
    """Return None if the node has no word to search for: it is then ignored."""
    match node:
        case MatchAll():
            return None
        case Term() | Phrase():
            return _has_words(node, analyzed, scope)
        case Wildcard() | Fuzzy():
            fields, is_form = (scope,) if scope else TEXT_FIELDS, _form_test(node)
            return any(any(map(is_form, words)) for field in fields for words in analyzed.tokens.get(field, ()))
        case Boost(inner):
            return _holds(inner, analyzed, scope)
        case Field(name, inner):
            return _holds(inner, analyzed, name)
        case DateRange(start, end):
            return _is_within(analyzed.article.date, start, end)
        case NumberRange():
            return any(_is_value(value, node) for value in analyzed.values(scope or ""))
        case Not(inner):
            held = _holds(inner, analyzed, scope)
            return None if held is None else not held
        case And(nodes) | Or(nodes):
            known = [held for inner in nodes if (held := _holds(inner, analyzed, scope)) is not None]
            return (all(known) if isinstance(node, And) else any(known)) if known else None
        case _:
            assert_never(node)


def _has_words(node: Term | Phrase, analyzed: AnalyzedArticle, scope: str | None) -> bool | None:
    """Return whether a field has the words: as written in metadata and for a phrase without a slop, else their stems."""
    is_text = scope is None or scope in TEXT_FIELDS
    if is_text and isinstance(node, Term) and (joined := _joined_word(node.text)):
        return _has_adjacent(node, analyzed, scope) or _has_adjacent(Term(joined), analyzed, scope)
    return _has_adjacent(node, analyzed, scope)


def _has_adjacent(node: Term | Phrase, analyzed: AnalyzedArticle, scope: str | None) -> bool | None:
    is_text = scope is None or scope in TEXT_FIELDS
    stemmed = is_text and not (isinstance(node, Phrase) and node.slop is None)
    terms = _terms(node, analyzed.language if stemmed else "none")
    if not terms:
        return None
    fields, slop = (scope,) if scope else TEXT_FIELDS, (node.slop or 0) if isinstance(node, Phrase) else 0
    texts = analyzed.stems if stemmed else analyzed.tokens
    return any(_are_near(words, terms, slop) for field in fields for words in texts.get(field, ()))


@lru_cache(maxsize=10_000)
def _terms(node: Term | Phrase, language: str) -> tuple[str, ...]:
    text = _POSSESSIVE.sub("", node.text) if isinstance(node, Term) else node.text
    return tuple(_stem(word, language) for word in tokenize(text))


def _are_near(words: Sequence[str], terms: Sequence[str], slop: int) -> bool:
    """Return whether `slop` steps bring the terms side by side and in order. A step moves a word by one place."""
    if not all(term in words for term in terms):
        return False
    first = (at for at, word in enumerate(words) if word == terms[0])
    starts = {at + step for at in first for step in range(-slop, slop + 1)}
    return any(_can_place(words, terms, start, slop, frozenset()) for start in starts)


def _can_place(words: Sequence[str], terms: Sequence[str], place: int, steps: int, taken: frozenset[int]) -> bool:
    if not terms:
        return True
    reachable = range(max(0, place - steps), min(len(words), place + steps + 1))
    return any(
        _can_place(words, terms[1:], place + 1, steps - abs(at - place), taken | {at})
        for at in reachable
        if words[at] == terms[0] and at not in taken
    )


@lru_cache(maxsize=1_000)
def _form_test(node: Wildcard | Fuzzy) -> Callable[[str], bool]:
    """Return a function that tests whether the pattern or the misspelt word stands for a folded word."""
    if isinstance(node, Wildcard):
        pattern = _pattern(node.text)
        return lru_cache(maxsize=20_000)(lambda word: pattern is not None and fnmatchcase(word, pattern))
    meant = tokenize(node.text)
    return lru_cache(maxsize=20_000)(lambda word: len(meant) == 1 and _is_near(meant[0], word, node.distance))


def _pattern(text: str) -> str | None:
    """Return the pattern with its letters folded. Return None if there are no letters, or more than one word, in a row."""
    parts = [[part] if part in "*?" else tokenize(part) for part in regex.split(r"([*?])", text) if part]
    return "".join(part[0] for part in parts) if all(len(part) == 1 for part in parts) else None


def _is_near(one: str, other: str, distance: int) -> bool:
    return abs(len(one) - len(other)) <= distance and _distance(one, other) <= distance


def _distance(one: str, other: str) -> int:
    """Return the optimal string alignment distance: letters inserted, deleted and replaced, and neighbours swapped."""
    before, row = [0], list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        new = [i]
        for j, opposite in enumerate(other, start=1):
            steps = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and (letter, opposite) == (other[j - 2], one[i - 2]):
                steps = min(steps, before[j - 2] + 1)
            new.append(steps)
        before, row = row, new
    return row[-1]


def readings(text: str) -> list[str]:
    """Return the text, which joins the words that line ends part, and the pieces of neighbouring lines that do not."""
    pieces: list[list[str]] = []
    for line in text.split("\n"):
        if pieces and _LINE_END.search(f"{pieces[-1][-1]}\n{line}"):
            pieces[-1].append(line)
        else:
            pieces.append([line])
    return [text, *(" ".join(lines) for lines in pieces if len(lines) > 1)]


def joined_words(text: str) -> list[str]:
    """Return in one piece the words of two parts that are also written so, such as `e-mail`, `COVID-19` and `1,000`."""
    words = {found.start(): "".join(found.groups()) for found in _HYPHENATED.finditer(text) if _is_joined(*found.groups())}
    words |= {found.start(): regex.sub("[^0-9]", "", found[0]) for found in _THOUSANDS.finditer(text)}
    return list(dict.fromkeys(words[start] for start in sorted(words)))[:_MAX_JOINED_WORDS]


def _joined_word(text: str) -> str:
    """Return the word in one piece, if the text is one of two parts and nothing else."""
    joined = joined_words(text)
    return joined[0] if len(joined) == 1 and joined[0] == "".join(regex.findall(r"[\p{L}\p{N}]", text)) else ""


def _is_joined(first: str, second: str) -> bool:
    if len(first + second) >= _MAX_JOINED:
        return False
    return first.isdigit() != second.isdigit() or (len(first) <= 2 and not first.isdigit())


def split_words(text: str, limit: int | None = None) -> list[str]:
    """Return the words of a text as they are written. With a `limit`, use so many characters and no cut word."""
    head = _LINE_END.sub("", text[:limit])
    found = _WORD.findall(head)
    if limit is not None and limit < len(text) and found and head.endswith(found[-1]):
        found.pop()
    return [word for word in found if len(_plain(word).encode()) <= _MAX_WORD_BYTES]


def tokenize(text: str) -> list[str]:
    """Return the words of a text in lower case, with their accents folded."""
    return [_fold(word) for word in split_words(text)]


@lru_cache(maxsize=200_000)
def _fold(word: str) -> str:
    return word.lower() if word.isascii() else "".join(map(_fold_letter, _plain(word)))


def _plain(word: str) -> str:
    """Return the word without marks, with one form of each letter that readers confuse."""
    return word if word.isascii() else "".join(map(_plain_letter, _MARK.sub("", _full_width(word))))


def _full_width(word: str) -> str:
    """Return half-width kana in full width."""
    return unicodedata.normalize("NFKC", word) if "\uff66" <= word[0] <= "\uff9f" else word


@cache
def _plain_letter(letter: str) -> str:
    if regex.fullmatch(r"(?V1)[[\p{Greek}\p{Arabic}\p{Hebrew}\p{Armenian}]--\p{Nd}]", letter):
        parts = _MARK.sub("", unicodedata.normalize("NFKD", letter)).translate(_PLAIN)
        return letter if " " in parts else parts
    is_digit = regex.fullmatch(rf"(?V1)[\p{{Nd}}--[{_UNSPACED}]]", letter)
    return str(int(letter)) if is_digit else letter.translate(_PLAIN)


@cache
def _fold_letter(letter: str) -> str:
    """Return the ASCII letters that a reader would type, or the letter itself in lower case."""
    if unicodedata.category(letter) in ("Lm", "Lo", "Nl"):
        return letter.lower()
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    if plain.isascii() and plain.isalnum() and not unicodedata.decomposition(letter).startswith("<font>"):
        return plain.lower()
    named = _LATIN.fullmatch(unicodedata.name(letter, ""))
    return _FOLDED.get(letter) or (named[1] if named else letter).lower()


@lru_cache(maxsize=200_000)
def _stem(word: str, language: str) -> str:
    if language == "arabic":  # folding has changed the last letter of an ending that the stemmer removes
        word = regex.sub("\u064a\u0647$", "\u064a\u0629", word)
    return word if language == "none" else str(_stemmer(language).stemWord(word))


@cache
def _stemmer(language: str) -> Any:
    # Asked for a stemmer, the package gives one of PyStemmer, which the engines use, if that is installed.
    return getattr(import_module(f"snowballstemmer.{language}_stemmer"), f"{language.capitalize()}Stemmer")()


def _cut(value: str) -> str:
    return value.encode()[:_MAX_VALUE_BYTES].decode(errors="ignore")


def _is_within(day: date | None, start: date | None, end: date | None) -> bool:
    return day is not None and (start or date.min) <= day <= (end or date.max)
