"""The unfinished end of a partly typed query: the word to complete, and what was typed directly before it."""

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.query.ast import TEXT_FIELDS
from searchsvc.query.lexer import Token, clean, tokenize
from searchsvc.query.parser import DATE_FIELDS

_NEGATIONS = ("minus", "NOT")


class Unfinished(NamedTuple):
    """The unfinished end of a query.

    `text` is the query without its last word, `prefix` the beginning of that word, folded. `clause` is the offset at which
    the clause of the word begins, with its field and behind its sign. `before` has the plain words in front of the clause,
    in order, behind the field that the first of them belongs to, if any. `inside` has the words in front of the last one in
    its clause. `field` is the field of the clause, and `open` is whether the clause is a phrase that is not closed yet.
    `negated` is whether the clause is excluded, and `alternative` whether it is behind an OR.
    """

    text: str
    prefix: str
    clause: int
    before: tuple[Token, ...]
    inside: tuple[str, ...]
    field: str
    open: bool
    negated: bool
    alternative: bool

    @property
    def is_required(self) -> bool:
        """Return whether articles must have what is being typed, besides what was typed before."""
        return not (self.negated or self.alternative)

    def endings(self, words: int) -> Iterator["Ending"]:
        """Yield up to so many plain words at the end of the query, and ever fewer of them."""
        plain = self.before
        if plain and plain[0].kind == "field":
            yield Ending(plain[0].text, plain[0].position, plain[1].position)
            plain = plain[2:]
        starts = [*(token.position for token in plain[len(plain) - min(len(plain), words - 1) :]), self.clause]
        yield from (Ending("", start, start) for start in starts)


class Ending(NamedTuple):
    """The last words of a query, the field that they were typed for, if any, and where both and where the words begin."""

    field: str
    start: int
    words: int


def unfinished(typed: str, fields: frozenset[str], analyzer: Analyzer) -> Unfinished | None:
    """Return the unfinished end of a query. Return None if nothing is being typed there that could be completed."""
    text = clean(typed)
    # The mark closes an open phrase. It is ignored otherwise.
    *tokens, _ = tokenize(f'{text}"', fields, (*TEXT_FIELDS, *DATE_FIELDS))[0]
    if tokens and tokens[-1].kind == "field":
        tokens.append(Token("word", "", len(text)))
    if not tokens or tokens[-1].kind not in ("word", "phrase") or tokens[-1].position + len(tokens[-1].text) < len(text):
        return None
    last = tokens.pop()
    scopes = list(takewhile(_is_scope, reversed(tokens)))
    front = tokens[: len(tokens) - len(scopes)]
    field = next((token.text for token in scopes if token.kind == "field"), "")
    words = list(token_pattern(last.text).finditer(last.text))
    begin = last.position + (words[-1].start() if words else 0)
    prefix = "".join(analyzer.tokens(text[begin:]))
    if not prefix and (words or not field):
        return None
    return Unfinished(
        text=text[:begin],
        prefix=prefix,
        clause=next((token.position for token in scopes[::-1] if token.kind == "field"), _start(last, text)),
        before=() if scopes else tuple(_plain_words(front)),
        inside=tuple(analyzer.tokens(text[last.position : begin])),
        field=field,
        open=last.kind == "phrase",
        negated=any(token.kind in _NEGATIONS for token in scopes),
        alternative=bool(front) and front[-1].kind == "OR",
    )


def _is_scope(token: Token) -> bool:
    return token.kind in (*_NEGATIONS, "field")


def _start(token: Token, text: str) -> int:
    """Return the offset of a token, with its quotation mark and the sign of an exact word in front of it."""
    start = token.position - (token.kind == "phrase")
    return start - (token.kind == "phrase" and text[start - 1 : start] == "=")


def _plain_words(tokens: list[Token]) -> list[Token]:
    """Return the words at the end that are clauses of their own, and the field in front of them. Excluded ones are none."""
    count = sum(1 for _ in takewhile(lambda token: token.kind == "word", reversed(tokens)))
    first = len(tokens) - count
    if not count or not first or not _is_scope(tokens[first - 1]):
        return tokens[first:]
    return tokens[first - 1 :] if tokens[first - 1].kind == "field" else tokens[first + 1 :]
