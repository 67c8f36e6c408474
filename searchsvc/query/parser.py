r"""The query language: text to a syntax tree, which each engine compiles.

    query    =  any                                    an empty query matches every article
    any      =  all { "OR" all }                       OR binds loosest
    all      =  chain { chain }                        all of them (any of them with match="any")
    chain    =  unary { "AND" unary }                  AND always means both
    unary    =  { "-" | "NOT" } ( scoped | atom )      exclusion
    scoped   =  NAME ":" atom                          title, body, or a metadata field of the archive
             |  NAME ":" [ NUMBER ] ".." [ NUMBER ]    numbers of a metadata field, both ends included
             |  "date:" days | "before:" period | "after:" period
                                                   or a metadata field of that name, if no date follows
    atom     =  ( "(" any ")" | phrase | exact | wildcard | fuzzy | term ) [ "^" NUMBER ]
    wildcard =  two letters or more, then letters, "*" and "?"
    fuzzy    =  three letters or more, "~" [ "1" | "2" ]            up to that many typing mistakes
    phrase   =  quote text quote                       straight or curly quotation marks: words as written
             |  quote text quote "~" [ NUMBER ]        words in any form, and the slop, up to 10
    exact    =  "=" term                               a word as written, which is a phrase of one word
    days     =  period | period ".." period            both ends included, and either may be omitted
    period   =  YYYY | YYYY-MM | YYYY-MM-DD | today | yesterday | ( this | last ) ( week | month | year ) | last N days
    term     =  any other text without white space, parentheses and quotation marks

Phrases, wildcards and fuzzy words match words as written; terms match every form of a word. With match="any", a compound
such as `boundary-layer` also matches by its parts. Operators are upper case. A "-" is an operator only before a clause.

Every text has a tree. Text that is ignored or changed is reported in notes. For every tree that `parse` returns,
`parse(str(tree)).tree == tree`.
"""

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import NamedTuple

from searchsvc.messages import Message
from searchsvc.model.number_ranges import MAX_RANGES, NumberRange
from searchsvc.model.periods import Period
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
from searchsvc.query.compounds import with_parts
from searchsvc.query.letters import count_letters, count_words, is_letter
from searchsvc.query.lexer import Note, Token, tokenize
from searchsvc.query.request import Match

MAX_CLAUSES = 256
MAX_DEPTH = 32
MAX_NOTES = 20
MAX_WEIGHT = 100
MAX_PATTERNS = 32  # wildcards and fuzzy words in a query
MIN_LITERAL = 2  # letters in front of the first wildcard
MAX_BEHIND, MAX_SINGLE = 50, 6  # characters behind the first asterisk of a word; question marks among them
MIN_FUZZY = 3  # letters of a fuzzy word
MAX_SLOP = 10
MAX_SLOPPY_WORDS = 32
DATE_FIELDS = ("date", "before", "after")
_DAY = timedelta(days=1)
_NEVER = DateRange(date.max, date.min)
_FUZZY = re.compile(r"([^~]+)~([12])?")
_MISSING_AT_END = Message("a search term is missing at the end of the query")
_MISSING_IN_GROUP = Message("a search term is missing before a closing parenthesis")


class ParsedQuery(NamedTuple):
    """The syntax tree of a query, and notes on what was ignored or changed."""

    tree: Node
    notes: tuple[Note, ...]


def parse(text: str, fields: Collection[str] = (), match: Match = "all", today: date | None = None) -> ParsedQuery:
    """Parse a query. Never raise; a text without a searchable clause gives MatchAll.

    `fields` are the archive's metadata fields. With match="any", words are alternatives, while exclusions, dates and
    metadata fields apply to every article. Dates such as `yesterday` refer to `today`, by default the current day.
    """
    own_fields = frozenset(fields)
    tokens, notes = tokenize(text, own_fields, (*TEXT_FIELDS, *DATE_FIELDS))
    tree = _Parser(tokens, own_fields, notes, match, today or date.today()).parse_any(depth=0)
    return ParsedQuery(tree, tuple(notes[:MAX_NOTES]))


class _Parser:
    """A recursive descent parser. Only groups recurse, and their depth is limited."""

    def __init__(self, tokens: list[Token], fields: frozenset[str], notes: list[Note], match: Match, today: date) -> None:
        self.tokens = tokens
        self.own_fields = fields
        self.notes = notes
        self.match = match
        self.today = today
        self.next = self.clauses = self.patterns = self.ranges = 0

    def parse_any(self, depth: int) -> Node:
        """Parse alternatives up to the end of the query or of the group."""
        alternatives: list[list[list[Node]]] = [[]]
        joined = False
        while (token := self._next_in_group(depth)) is not None:
            chains = alternatives[-1]
            if token.kind in ("AND", "OR"):
                if self._joins(token, bool(chains)):
                    joined = token.kind == "AND"
                    if not joined:
                        alternatives.append([])
            elif not isinstance(node := self._unary(token, depth), MatchAll):
                if not joined:
                    chains.append([])
                chains[-1].append(node)
                joined = False
        return disjunction(self._all(chains) for chains in alternatives if chains)

    def _next_in_group(self, depth: int) -> Token | None:
        """Take the next token that can begin a clause or join two. Return None at the end of the group."""
        while (token := self._take()).kind != "end" and not (token.kind == "close" and depth):
            if token.kind == "close":
                self._note(Message("an unmatched closing parenthesis was ignored"), token)
            elif token.kind not in ("boost", "slop"):  # suffixes of ignored text
                return token
        return None

    def _take(self) -> Token:
        token = self.tokens[self.next]
        self.next = min(self.next + 1, len(self.tokens) - 1)
        return token

    def _peek(self) -> str:
        return self.tokens[self.next].kind

    def _note(self, message: str, token: Token) -> None:
        self.notes.append(Note(message, token.position))

    def _joins(self, operator: Token, has_left: bool) -> bool:
        joins = has_left and self._peek() not in ("end", "close", "AND", "OR")
        if not joins:
            note = Message("%(operator)s was ignored: it needs a search term on both sides", operator=operator.text)
            self._note(note, operator)
        return joins

    def _all(self, chains: list[list[Node]]) -> Node:
        """Combine adjacent clauses. Each chain holds clauses joined by AND."""
        nodes = [conjunction(chain) for chain in chains]
        if self.match == "all":
            return conjunction(nodes)
        alternatives = disjunction(with_parts(node) for node in nodes if looks_for_text(node))
        return conjunction([alternatives, *(node for node in nodes if not looks_for_text(node))])

    def _unary(self, token: Token, depth: int) -> Node:
        negated, field = False, None
        while token.kind in ("minus", "NOT", "field"):
            if token.kind == "field":
                field = token.text
            else:
                negated = not negated
            token = self._take()
        node = self._scoped(field, token, depth)
        return Not(node) if negated and not isinstance(node, MatchAll) else node

    def _scoped(self, field: str | None, token: Token, depth: int) -> Node:
        if token.kind in ("end", "close"):
            if token.kind == "close":
                self.next -= 1  # the group ends here
            self._note(_MISSING_AT_END if token.kind == "end" else _MISSING_IN_GROUP, token)
            return MatchAll()
        if field in DATE_FIELDS and (days := self._dates(field, token)) is not None:
            return days
        node = self._boosted(self._group(token, depth) if token.kind == "open" else self._leaf(token))
        inner = node.node if isinstance(node, Boost) else node
        if field in DATE_FIELDS and isinstance(inner, Term | Phrase):  # `date:(2022)` means the same as `date:2022`
            node = _parse_days(field, inner.text, self.today) or node
        if field not in (None, *TEXT_FIELDS) and isinstance(inner, Term) and not isinstance(node, DateRange):
            node = self._numbers(inner.text, token) or node
        # Dates and nested fields are not confined to another field.
        return node if field is None or isinstance(node, MatchAll | DateRange | Field) else Field(field, node)

    def _dates(self, field: str, token: Token) -> Node | None:
        """Return the days of a date. Return None if the text is none and the archive has a metadata field of this name."""
        days = _parse_days(field, token.text, self.today)
        if field == "date" and days is not None and days.is_empty:
            note = Message(
                "the dates %(dates)s end before they begin, so no article is dated within them", dates=token.text
            )
            self._note(note, token)
        if days is not None or field in self.own_fields:
            return days
        if token.kind == "open":
            self._skip_group()
        ignored = f"{field}:{token.text}"
        note = Message("“%(text)s” was ignored: use a date such as 2022, 2022-12 or 2022-12-23", text=ignored)
        self._note(note, token)
        return MatchAll()

    def _numbers(self, text: str, token: Token) -> NumberRange | None:
        """Return the range of numbers that is asked for in a metadata field. Return None if the text is none."""
        numbers = NumberRange.parse(text)
        self.ranges += numbers is not None
        if numbers is not None and self.ranges > MAX_RANGES:
            self._note(_too_many_ranges(text), token)
            return None
        if numbers is not None and numbers.is_empty:
            self._note(Message("the range %(range)s ends before it begins, so no number is in it", range=numbers), token)
        return numbers

    def _boosted(self, node: Node) -> Node:
        if self._peek() != "boost":
            return node
        weight = float(self._take().text)
        if isinstance(node, Boost):
            return Boost(node.node, weight)
        return node if isinstance(node, MatchAll | DateRange) or not 0 < weight <= MAX_WEIGHT else Boost(node, weight)

    def _group(self, token: Token, depth: int) -> Node:
        if depth < MAX_DEPTH:
            return self.parse_any(depth + 1)
        note = Message("parentheses nested more than %(limit)s deep were ignored, with everything in them", limit=MAX_DEPTH)
        self._note(note, token)
        return self._skip_group()

    def _skip_group(self) -> MatchAll:
        unclosed = 1
        while unclosed and (token := self._take()).kind != "end":
            unclosed += {"open": 1, "close": -1}.get(token.kind, 0)
        return MatchAll()

    def _leaf(self, token: Token) -> Node:
        self.clauses += 1
        if self.clauses > MAX_CLAUSES:
            if self.clauses == MAX_CLAUSES + 1:
                note = Message("everything after the first %(limit)s words and phrases was ignored", limit=MAX_CLAUSES)
                self._note(note, token)
            return MatchAll()
        if not any(map(str.isalnum, token.text)):
            self._note(Message("“%(text)s” was ignored: it has no letters or digits", text=token.text), token)
            return MatchAll()
        return self._phrase(token) if token.kind == "phrase" else self._word(token)

    def _phrase(self, token: Token) -> Node:
        text = token.text.strip()
        if self._peek() != "slop":
            return Phrase(text)
        slop = self._take()
        if count_words(text) > MAX_SLOPPY_WORDS:
            limits = {"steps": slop.text, "limit": MAX_SLOPPY_WORDS}
            self._note(Message("~%(steps)s was ignored: it applies to phrases of at most %(limit)s words", **limits), slop)
            return Phrase(text)
        if int(slop.text) > MAX_SLOP:
            limits = {"steps": slop.text, "limit": MAX_SLOP}
            self._note(Message("~%(steps)s was lowered to ~%(limit)s, the maximum", **limits), slop)
        return Phrase(text, min(int(slop.text), MAX_SLOP))

    def _word(self, token: Token) -> Node:
        word = token.text.lstrip("=")
        pattern = _parse_pattern(word)
        if pattern is not None and self.patterns < MAX_PATTERNS:
            self.patterns += 1
            return pattern
        if pattern is not None:
            self._note(_too_many_patterns(token.text), token)
        elif "*" in token.text or "?" in token.text.rstrip("?") or _FUZZY.fullmatch(token.text):
            self._note(_too_complex(token.text) if _is_complex(token.text) else _no_pattern(token.text), token)
        return Term(word) if word == token.text else Phrase(word)


def _too_many_ranges(text: str) -> Message:
    return Message(
        "“%(text)s” was searched for as words: a query can have at most %(limit)s ranges of numbers",
        text=text,
        limit=MAX_RANGES,
    )


def _too_many_patterns(text: str) -> Message:
    return Message(
        "“%(text)s” was searched for as a plain word: a query can have at most %(limit)s words with *, ? or ~",
        text=text,
        limit=MAX_PATTERNS,
    )


def _too_complex(text: str) -> Message:
    return Message(
        "“%(text)s” was searched for as a plain word: at most %(limit)s characters can follow a *, and %(marks)s ? among "
        "them",
        text=text,
        limit=MAX_BEHIND,
        marks=MAX_SINGLE,
    )


def _no_pattern(text: str) -> Message:
    return Message(
        "“%(text)s” was searched for as a plain word: * and ? need %(letters)s letters before them, ~ needs %(most)s, "
        "and punctuation is not allowed",
        text=text,
        letters=MIN_LITERAL,
        most=MIN_FUZZY,
    )


def plain_word(text: str) -> Term | Phrase:
    """Return a text as a term, or as a phrase in any form if the text alone would be read as something else."""
    return Term(text) if ":" not in text and parse(text).tree == Term(text) else Phrase(text, 0)


def _parse_days(field: str, text: str, today: date) -> DateRange | None:
    """Return the days of `date:2022-12`, `before:2023` or `after:yesterday`. Return None if the text is not a date."""
    if field == "date" and ".." in text:
        first, _, last = text.partition("..")
        start, end = Period.parse(first), Period.parse(last)
        wrong = (first and start is None) or (last and end is None) or not (first or last)
        return None if wrong else DateRange(start and start.first, end and end.last)
    days = Period.parse(text) or Period.parse_natural(text, today)
    if days is None or field == "date":
        return days and DateRange(*days)
    if field == "before":
        return DateRange(None, days.first - _DAY) if days.first > date.min else _NEVER
    return DateRange(days.last + _DAY, None) if days.last < date.max else _NEVER


def _parse_pattern(text: str) -> Wildcard | Fuzzy | None:
    if (fuzzy := _FUZZY.fullmatch(text)) and count_letters(fuzzy[1]) >= MIN_FUZZY and all(map(is_letter, fuzzy[1])):
        return Fuzzy(fuzzy[1], int(fuzzy[2] or 1))
    text = text.rstrip("?")  # the end of a question, as in `who was it?`, is no wildcard
    literal = re.split(r"[*?]", text)[0]
    if literal == text or count_letters(literal) < MIN_LITERAL or not all(is_letter(char) or char in "*?" for char in text):
        return None
    return None if _is_complex(text) else Wildcard(re.sub(r"\*+", "*", text))


def _is_complex(pattern: str) -> bool:
    """Return whether Lucene could refuse a pattern, since its automaton doubles with each ? behind a *."""
    behind = pattern.partition("*")[2].rstrip("?")
    return len(behind) > MAX_BEHIND or behind.count("?") > MAX_SINGLE
