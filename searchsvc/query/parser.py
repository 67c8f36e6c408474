r"""The query language: text in, a tree of frozen nodes out, for every engine to compile.

    query   =  any                                    an empty query is Everything
    any     =  all { "OR" all }                       OR binds loosest
    all     =  chain { chain }                        side by side: all of them (or any of them, with match="any")
    chain   =  unary { "AND" unary }                  AND always means both
    unary   =  { "-" | "NOT" } ( scoped | atom )      without
    scoped  =  NAME ":" atom                          title, body, or a metadata field of the archive
            |  "date:" days | "before:" period | "after:" period
    atom    =  ( "(" any ")" | phrase | pattern | fuzzy | word ) [ "^" NUMBER ]
    pattern =  two letters or more, then letters, "*" and "?"       prefix and wildcard, on words as written
    fuzzy   =  three letters or more, "~" [ "1" | "2" ]            that many typing mistakes, on words as written
    phrase  =  quote text quote [ "~" [ NUMBER ] ]    straight or curly quotation marks; ~ allows so many steps, up to 10
    days    =  period | period ".." period            both ends included; either may be left out
    period  =  YYYY | YYYY-MM | YYYY-MM-DD | today | yesterday | ( this | last ) ( week | month | year ) | last N days
    word    =  anything else between white space, parentheses and quotation marks

With match="any", a compound such as `boundary-layer` is also looked for by its parts.

Reading is total: every text gives a tree, and what could not be taken as it stands is said in notes. Operators are upper
case; "-" is one only in front of something. A name before a colon is a field only where the archive has that field, so
that `http://example.org` or `a:b:c` are plain words.

`parse(str(tree)).tree == tree` for every tree that parse returns.
"""

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Literal, NamedTuple

from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.model.periods import natural_period, period
from searchsvc.query.ast import (
    TEXT_FIELDS,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    MatchAll,
    Node,
    Not,
    Phrase,
    Term,
    Wildcard,
    conjunction,
    disjunction,
    looks_for_text,
)

MAX_CLAUSES = 256
MAX_DEPTH = 32
MAX_NOTES = 20
MAX_WEIGHT = 100
MAX_FORMS = 32
MIN_LITERAL = 2
MIN_FUZZY = 3
MAX_SLOP = 10
MAX_SLOPPY_WORDS = 32
COMPOUND_WEIGHT = 0.3
"""What a compound as a whole adds to the score of its parts, where any of them will do."""


class Note(NamedTuple):
    """Something that was not taken as it stands; `position` counts characters of the query from 0, or is None."""

    message: str
    position: int | None = None


class ParsedQuery(NamedTuple):
    """The tree of a query, and what the reader of it should know."""

    tree: Node
    notes: tuple[Note, ...]


def parse(
    text: str, fields: Collection[str] = (), match: Literal["all", "any"] = "all", today: date | None = None
) -> ParsedQuery:
    """Read a query. `fields` are the archive's metadata fields; `match` says what words side by side mean; `today` is what
    `yesterday` and the like count from, by default the day it is.

    With "any", words are alternatives, while exclusions, dates and metadata fields still hold for every answer.
    Never raises; a text without anything to search for gives Everything.
    """
    reader = _Reader(text, fields, match, today or date.today())
    return ParsedQuery(reader.read(), tuple(reader.notes))


def _within(name: str, node: Node) -> Node:
    """The node held in a field; dates and inner fields keep their own."""
    return node if isinstance(node, MatchAll | DateRange | Field) else Field(name, node)


_QUOTES = '"“”„‟«»＂'
_WORD = re.compile(rf"[^\s()（）{_QUOTES}]+")
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<open>[(（])
    | (?P<close>[)）])
    | [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]
    | (?P<quote>[{_QUOTES}])
    | (?P<minus>-)(?=[^\s)）])
    | (?P<field>[^\W\d][\w.-]*):(?=[^\s)）])
    | (?P<operator>AND|OR|NOT)(?![^\s()（）{_QUOTES}])
    | (?P<word>{_WORD.pattern})
    )""",
    re.VERBOSE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SLOP = re.compile(r"~(\d{0,4})(?![^\s)）^])")
_COMPOUND = re.compile(r"\w+(?:[-‐–—/]\w+)+")
_WEIGHT = re.compile(r"\^(\d{1,3}(?:\.\d{1,2})?)(?![^\s)）])")
_WEIGHTED_WORD = re.compile(r"(.+)\^(\d{1,3}(?:\.\d{1,2})?)")
_FUZZY = re.compile(r"([^~]+)~([12])?")
_ADVICE = f"* and ? take {MIN_LITERAL} letters in front, ~ takes {MIN_FUZZY}, and neither takes punctuation"
_DATE_FIELDS = ("date", "before", "after")


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Reader:
    """Recursive descent over the tokens. Only groups recurse, and their depth is limited."""

    def __init__(self, text: str, fields: Collection[str], match: Literal["all", "any"], today: date) -> None:
        self.text = unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))
        self.names = (*fields, *TEXT_FIELDS, *_DATE_FIELDS)
        self.match = match
        self.today = today
        self.notes: list[Note] = []
        self.clauses = 0
        self.forms = 0
        self.tokens = [*self._tokens(), _Token("end", "", len(self.text))]
        self.next = 0

    def read(self) -> Node:
        return self._any(depth=0)

    # Tokens

    def _tokens(self) -> Iterator[_Token]:
        position = 0
        while found := _TOKEN.match(self.text, position):
            kind, position = found.lastgroup or "", found.end()
            start = found.start(kind)
            text = found[kind]
            if kind == "field" and (name := self._field(text, start)) is not None:
                yield _Token(kind, name, start)
            elif kind == "field":
                position = (_WORD.match(self.text, start) or found).end()
                yield _Token("word", self.text[start:position], start)
            elif kind == "quote":
                self._note("a quotation mark without its partner was ignored", start)
            elif kind == "word" and (weighted := _WEIGHTED_WORD.fullmatch(text)):
                yield from (_Token(kind, weighted[1], start), _Token("boost", weighted[2], start))
            else:
                yield _Token(text if kind == "operator" else kind, text, start)
            if kind == "phrase" and (slop := _SLOP.match(self.text, position)):
                yield _Token("slop", slop[1] or "1", position)
                position = slop.end()
            if kind in ("phrase", "close") and (weight := _WEIGHT.match(self.text, position)):
                yield _Token("boost", weight[1], position)
                position = weight.end()

    def _field(self, name: str, position: int) -> str | None:
        """The archive's field of this name; None, perhaps with advice, where there is none."""
        for known in (name, name.casefold()):
            if known in self.names:
                return known
        near = difflib.get_close_matches(name.casefold(), self.names, 1, 0.8)
        if near:
            self._note(f"there is no field “{name}”; it was read as a word. Did you mean “{near[0]}:”?", position)
        return None

    def _note(self, message: str, position: int) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(Note(message, position))

    def _take(self) -> _Token:
        token = self.tokens[self.next]
        self.next = min(self.next + 1, len(self.tokens) - 1)
        return token

    # Clauses

    def _any(self, depth: int) -> Node:
        """Alternatives up to the end of the text or of the group."""
        alternatives: list[Node] = []
        chains: list[list[Node]] = []
        both = False
        while (token := self._take()).kind not in ("end", "close") or (token.kind == "close" and not depth):
            if token.kind == "close":
                self._note("a closing parenthesis without its partner was ignored", token.position)
            elif token.kind in ("AND", "OR"):
                if self._joins(token, bool(chains)):
                    both = token.kind == "AND"
                    if token.kind == "OR":
                        alternatives.append(self._all(chains))
                        chains = []
            elif token.kind in ("boost", "slop"):
                pass  # of something that was ignored
            elif not isinstance(node := self._unary(token, depth), MatchAll):
                if not both:
                    chains.append([])
                chains[-1].append(node)
                both = False
        return disjunction([*alternatives, self._all(chains)] if chains else alternatives)

    def _joins(self, token: _Token, has_left: bool) -> bool:
        """Whether AND or OR has a clause on either side."""
        joins = has_left and self.tokens[self.next].kind not in ("end", "close", "AND", "OR")
        if not joins:
            self._note(f"{token.text} needs something on both sides; it was ignored", token.position)
        return joins

    def _all(self, chains: list[list[Node]]) -> Node:
        """Clauses side by side, each a chain of clauses that AND joins."""
        nodes = [conjunction(chain) for chain in chains]
        if self.match == "all":
            return conjunction(nodes)
        wanted = disjunction(_or_its_parts(node) for node in nodes if looks_for_text(node))
        return conjunction([wanted, *(node for node in nodes if not looks_for_text(node))])

    def _unary(self, token: _Token, depth: int) -> Node:
        negated, name = False, None
        while token.kind in ("minus", "NOT", "field"):
            if token.kind == "field":
                name = token.text
            else:
                negated = not negated
            token = self._take()
        node = self._scoped(name, token, depth)
        return Not(node) if negated and not isinstance(node, MatchAll) else node

    def _scoped(self, name: str | None, token: _Token, depth: int) -> Node:
        if token.kind in ("end", "close"):
            self.next -= token.kind == "close"
            self._note("the query ends where something to look for was expected", token.position)
            return MatchAll()
        if name is not None and name in _DATE_FIELDS:
            return self._dates(name, token)
        node = self._boosted(self._group(token, depth) if token.kind == "open" else self._leaf(token))
        return node if name is None else _within(name, node)

    def _boosted(self, node: Node) -> Node:
        """The node with the weight that follows it, if one does."""
        if self.tokens[self.next].kind != "boost":
            return node
        weight = float(self._take().text)
        if isinstance(node, Boost):
            return Boost(node.node, weight)
        if not isinstance(node, MatchAll | DateRange) and 0 < weight <= MAX_WEIGHT:
            return Boost(node, weight)
        return node

    def _group(self, token: _Token, depth: int) -> Node:
        if depth < MAX_DEPTH:
            return self._any(depth + 1)
        self._note(f"parentheses more than {MAX_DEPTH} deep were left out, with what they hold", token.position)
        self._skip_group()
        return MatchAll()

    def _skip_group(self) -> None:
        unclosed = 1
        while unclosed and (token := self._take()).kind != "end":
            unclosed += {"open": 1, "close": -1}.get(token.kind, 0)

    def _leaf(self, token: _Token) -> Node:
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            if self.clauses == MAX_CLAUSES + 1:
                self._note(f"what follows {MAX_CLAUSES} words and phrases was ignored", token.position)
            return MatchAll()
        if not any(map(str.isalnum, token.text)):
            self._note(f"“{token.text}” has no letters or digits and was ignored", token.position)
            return MatchAll()
        return self._phrase(token) if token.kind == "phrase" else self._word(token)

    def _phrase(self, token: _Token) -> Node:
        text = token.text.strip()
        if self.tokens[self.next].kind != "slop":
            return Phrase(text)
        slop = self._take()
        if len(token_pattern(text).findall(text)) > MAX_SLOPPY_WORDS:
            self._note(
                f"~{slop.text} was ignored: a phrase that takes it has at most {MAX_SLOPPY_WORDS} words", slop.position
            )
            return Phrase(text)
        if int(slop.text) > MAX_SLOP:
            self._note(f"~{slop.text} was read as ~{MAX_SLOP}, the most that there is", slop.position)
        return Phrase(text, min(int(slop.text), MAX_SLOP))

    def _word(self, token: _Token) -> Node:
        form = _form(token.text)
        if form is not None and self.forms < MAX_FORMS:
            self.forms += 1
            return form
        if form is not None:
            self._note(f"“{token.text}” was read as a word: {MAX_FORMS} words with *, ? or ~ are the most", token.position)
        elif "*" in token.text or "?" in token.text.rstrip("?") or _FUZZY.fullmatch(token.text):
            self._note(f"“{token.text}” was read as a word: {_ADVICE}", token.position)
        return Term(token.text)

    def _dates(self, name: str, token: _Token) -> Node:
        days = _span(name, token.text, self.today)
        if token.kind == "open":
            self._skip_group()
        if days is None:
            advice = "a date such as 2022, 2022-12 or 2022-12-23"
            self._note(f"“{name}:{token.text}” was ignored; {name}: takes {advice}", token.position)
        return days or MatchAll()


def _form(text: str) -> Wildcard | Fuzzy | None:
    """The prefix, wildcard or word with mistakes that a text is; None where it is just a word."""
    fuzzy = _FUZZY.fullmatch(text)
    if fuzzy and len(fuzzy[1]) >= MIN_FUZZY and all(map(_is_letter, fuzzy[1])):
        return Fuzzy(fuzzy[1], int(fuzzy[2] or 1))
    text = text.rstrip("?")  # who was it? asks, it does not look for longer words
    literal = re.split(r"[*?]", text)[0]
    if literal == text or len(literal) < MIN_LITERAL or not all(_is_letter(char) or char in "*?" for char in text):
        return None
    return Wildcard(re.sub(r"\*+", "*", text))


def _or_its_parts(node: Node) -> Node:
    """Where any word will do, any part of a compound will; the compound as a whole counts for a little more."""
    if not (isinstance(node, Term) and _COMPOUND.fullmatch(node.text)):
        return node
    parts = [Term(part) for part in re.split(r"[^\w]", node.text) if len(part) > 1]
    return disjunction([Boost(node, COMPOUND_WEIGHT), *parts])


def _is_letter(char: str) -> bool:
    """Whether a character belongs to a word: a letter, a mark on one, or a digit."""
    return unicodedata.category(char)[0] in "LMN"


def _span(name: str, text: str, today: date) -> DateRange | None:
    """The days that `date:`, `before:` or `after:` with this text stand for; None where the text is no date."""
    if name == "date" and ".." in text:
        first, _, last = text.partition("..")
        start, end = period(first), period(last)
        wrong = (first and start is None) or (last and end is None) or not (first or last)
        return None if wrong else DateRange(start and start[0], end and end[1])
    days = period(text) or natural_period(text, today)
    if days is None:
        return None
    match name:
        case "before":
            return DateRange(None, days[0] - _DAY) if days[0] > date.min else _NEVER
        case "after":
            return DateRange(days[1] + _DAY, None) if days[1] < date.max else _NEVER
        case _:
            return DateRange(*days)


_DAY = timedelta(days=1)
_NEVER = DateRange(date.max, date.min)
