"""Query text to tokens. The grammar is in parser.py.

A name before a colon is a field only if the archive has that field, so `http://example.org` and `a:b:c` are words.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from searchsvc.messages import Message
from searchsvc.model.languages import DIRECTION_MARKS, UNSEEN
from searchsvc.query.nearest import nearest_name

MAX_HINTS = 2  # unknown names of a query that are compared with every name of the archive
_SIMILARITY = 80  # percent, from which on an unknown name is taken for a misspelt one
QUOTES = '"“”„‟«»＂'
"""Characters that begin and end a phrase."""
_NO_QUOTES = str.maketrans(QUOTES, " " * len(QUOTES))
_WORD = re.compile(rf"[^\s()（）{QUOTES}]+")
_NAME = r"[^\W\d][^\s（）“”„‟«»＂\x00-,/:-@\[-^`{-\x7f]*"  # not `\w`, which has no marks, as in names in Hindi
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<open>[(（])
    | (?P<close>[)）])
    | =?[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}]
    | (?P<quote>[{QUOTES}])
    | (?P<minus>-)(?=[^\s)）])
    | (?P<field>{_NAME}):(?=[^\s)）])
    | (?P<operator>AND|OR|NOT)(?![^\s()（）{QUOTES}])
    | (?P<word>{_WORD.pattern})
    )""",
    re.VERBOSE,
)
_SLOP = re.compile(r"~(\d{0,4})(?![^\s)）^])")
_BOOST = re.compile(r"\^(\d{1,3}(?:\.\d{1,2})?)(?![^\s)）])")
_BOOSTED_WORD = re.compile(r"(.+)\^(\d{1,3}(?:\.\d{1,2})?)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(f"[{UNSEEN}{DIRECTION_MARKS}\u200b]")  # pasted before an operator


class Note(NamedTuple):
    """A message about a part of a query that was ignored or changed."""

    message: str
    position: int | None = None  # in characters, from 0, or None if the note is about the query as a whole


class Token(NamedTuple):
    """A token of a query, and its offset in characters."""

    kind: str  # open, close, minus, AND, OR, NOT, field, word, phrase, slop, boost or end
    text: str
    position: int


def tokenize(text: str, fields: frozenset[str], reserved: tuple[str, ...]) -> tuple[list[Token], list[Note]]:
    """Return the tokens of a query, and notes on text that was ignored. The last token is always of kind `end`.

    `fields` are the names of the archive's metadata fields, and `reserved` those of every archive.
    """
    lexer = _Lexer(clean(text), fields, reserved)
    return list(lexer.tokens()), lexer.notes


def clean(text: str) -> str:
    """Return a query as it is read, without invisible characters. The offsets of tokens refer to this text."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text)))


def within_quotes(text: str) -> str:
    """Return a text as it may stand between quotation marks."""
    return " ".join(text.translate(_NO_QUOTES).split())


class _Lexer:
    def __init__(self, text: str, fields: frozenset[str], reserved: tuple[str, ...]) -> None:
        self.text = text
        self.fields = fields
        self.reserved = reserved
        self.hints = 0
        self.notes: list[Note] = []
        self.position = 0

    def tokens(self) -> Iterator[Token]:
        while found := _TOKEN.match(self.text, self.position):
            self.position = found.end()
            kind = found.lastgroup or ""
            yield from self._tokens_of(kind, found[kind], found.start(kind))
        yield Token("end", "", len(self.text))

    def _tokens_of(self, kind: str, text: str, start: int) -> Iterator[Token]:
        match kind:
            case "quote":
                self.notes.append(Note(Message("an unmatched quotation mark was ignored"), start))
            case "field":
                token = self._field_or_word(text, start)
                yield from (token,) if token.kind == "field" else _word_and_boost(token)
            case "word":
                yield from _word_and_boost(Token("word", text, start))
            case "phrase":
                yield Token("phrase", text, start)
                yield from self._suffix("slop", _SLOP, "0")
                yield from self._suffix("boost", _BOOST)
            case "close":
                yield Token("close", text, start)
                yield from self._suffix("boost", _BOOST)
            case _:
                yield Token(text if kind == "operator" else kind, text, start)

    def _suffix(self, kind: str, pattern: re.Pattern[str], default: str = "") -> Iterator[Token]:
        """Yield the token of a suffix that directly follows, such as `~3` or `^2`."""
        if found := pattern.match(self.text, self.position):
            yield Token(kind, found[1] or default, self.position)
            self.position = found.end()

    def _field_or_word(self, name: str, start: int) -> Token:
        """Return a field token if the archive has a field of this name. Otherwise read on to the end of the word."""
        for known in (name, name.casefold()):
            if known in self.fields or known in self.reserved:
                return Token("field", known, start)
        self._add_hint(name, start)
        word = _WORD.match(self.text, start)
        self.position = word.end() if word else self.position
        return Token("word", self.text[start : self.position], start)

    def _add_hint(self, name: str, start: int) -> None:
        """Add a note if an unknown name is like a field's."""
        if self.hints == MAX_HINTS or self.text.startswith("//", self.position):  # the scheme of an address is no field
            return
        self.hints += 1
        near = nearest_name(name.casefold(), [*self.reserved, *_in_order(self.fields)], _SIMILARITY)
        if near is not None:
            message = Message(
                "“%(name)s” is not a field and was searched for as a word; the nearest field is “%(field)s”",
                name=name,
                field=near,
            )
            self.notes.append(Note(message, start))


def _word_and_boost(word: Token) -> Iterator[Token]:
    """Yield a word, and the boost at its end if it has one."""
    if boosted := _BOOSTED_WORD.fullmatch(word.text):
        yield from (word._replace(text=boosted[1]), Token("boost", boosted[2], word.position))
    else:
        yield word


@lru_cache(maxsize=4)
def _in_order(names: frozenset[str]) -> list[str]:
    """Return the names sorted, so that a hint is the same in every process."""
    return sorted(names)
