"""Synonyms: the rules of a file in Solr's format, and query trees with the synonyms of their words.

    Bombay, Mumbai                    each of them finds the others too
    UK, Britain => United Kingdom     what is on the left is replaced by what is on the right
    # a comment

An entry is a word or a phrase. Capitals and accents do not matter. A backslash takes the character behind it as it is.
Several rules for the same entry add up. What a rule adds is not looked up again.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.analysis.term_matching import terms_of
from searchsvc.messages import Message
from searchsvc.query.ast import TEXT_FIELDS, And, Boost, Field, Node, Not, Or, Term, conjunction, disjunction
from searchsvc.query.lexer import QUOTES, Note, clean
from searchsvc.query.parser import MAX_CLAUSES, ParsedQuery, parse, plain_word
from searchsvc.query.request import Match

MAX_RULES = 10_000  # lines with a rule
MAX_ENTRIES = 32  # on one line, and synonyms of one entry
MAX_WORDS = 8  # of an entry
MAX_LENGTH = 100  # characters of an entry
# What was typed comes first, but hardly: with 0.5, articles that have only the synonym rank far too low, and those that
# have both gain nothing by it, because they hardly count double (bench/synonyms.py).
WEIGHT = 0.9
_ESCAPED = {char: chr(0xF0000 + ord(char)) for char in "\\,=>#"}
_ESCAPE = re.compile(r"\\(.?)")
_PLAIN = str.maketrans({kept: char for char, kept in _ESCAPED.items()})
_QUOTE = re.compile(f"[{QUOTES}]")

Words = tuple[str, ...]
"""The words of an entry as written, folded."""


class Problem(NamedTuple):
    """A line that was skipped, counted from 1, and why."""

    line: int
    reason: str


class Rule(NamedTuple):
    """What is searched for instead of some words: these words too if `keeps`, and others."""

    keeps: bool
    others: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Rules by the words that they apply to."""

    rules: Mapping[Words, Rule] = field(default_factory=dict)

    def expand(self, parsed: ParsedQuery, match: Match = "all", fields: Collection[str] = ()) -> ParsedQuery:
        """Return a query with the synonyms of its words. Phrases, patterns and metadata stay as they are.

        If the query would become too large, return it as it is, with a note.
        """
        tree = _Expansion(self.rules, match).expand(parsed.tree) if self.rules else parsed.tree
        if tree == parsed.tree:
            return parsed
        if _count_leaves(tree) > MAX_CLAUSES:
            reason = Message(
                "synonyms were left out: with them, the query would have more than %(limit)s words and phrases",
                limit=MAX_CLAUSES,
            )
        elif parse(str(tree), fields).tree != tree:
            reason = Message("synonyms were left out: with them, its parentheses would be nested too deep")
        else:
            return ParsedQuery(tree, parsed.notes)
        return ParsedQuery(parsed.tree, (*parsed.notes, Note(reason)))


class _Expansion:
    """Expands one query. `match` is how it was parsed: in which way words beside each other are joined."""

    def __init__(self, rules: Mapping[Words, Rule], match: Match) -> None:
        self._rules = rules
        self._match = match

    def expand(self, node: Node) -> Node:
        match node:
            case Term():
                rule = self._rule((node,))
                return node if rule is None else disjunction(_with(rule, [node]))
            case And(nodes):
                return conjunction(
                    self.expand(run[0]) if rule is None else disjunction(_with(rule, [conjunction(run)]))
                    for run, rule in self._runs(nodes, MAX_WORDS)
                )
            case Or(nodes):
                return self._any_of(nodes)
            case Boost(inner, weight):
                return Boost(self.expand(inner), weight)
            case Not(inner):
                return Not(self.expand(inner))
            case Field(name, inner) if name in TEXT_FIELDS:
                return Field(name, self.expand(inner))
            case _:
                return node

    def _any_of(self, nodes: Sequence[Node]) -> Node:
        """Expand alternatives. Those that have been expanded before, as in a query that was shown, stay as they are."""
        runs = list(self._runs(nodes, MAX_WORDS if self._match == "any" else 1))
        wholes = {node: rule for node in nodes if isinstance(node, And) and (rule := self._rule(node.nodes)) is not None}
        rules = (*wholes.values(), *(rule for _, rule in runs if rule is not None))
        done = {other for rule in rules if _is_done(rule, nodes) for other in rule.others}
        done.update(node for node, rule in wholes.items() if _is_done(rule, nodes))
        found: list[Node] = []
        for run, rule in runs:
            if rule is not None:
                found += run if _is_done(rule, nodes) else _with(rule, run)
            else:
                found.append(run[0] if run[0] in done else self.expand(run[0]))
        return disjunction(found)

    def _runs(self, nodes: Sequence[Node], longest: int) -> Iterator[tuple[Sequence[Node], Rule | None]]:
        """Yield runs of nodes with a rule, the longest first, and the other nodes one by one without one."""
        at = 0
        while at < len(nodes):
            ends = range(min(len(nodes), at + longest), at, -1)
            end, rule = next(((end, rule) for end in ends if (rule := self._rule(nodes[at:end]))), (at + 1, None))
            yield nodes[at:end], rule
            at = end

    def _rule(self, nodes: Sequence[Node]) -> Rule | None:
        """Return the rule for words beside each other. Return None if there is none, or if something else is among them."""
        if not all(isinstance(node, Term) for node in nodes):
            return None
        analyzer = analyzer_for("none")
        return self._rules.get(tuple(word for node in nodes if isinstance(node, Term) for word in terms_of(node, analyzer)))


def _with(rule: Rule, typed: Sequence[Node]) -> list[Node]:
    return [*(typed if rule.keeps else ()), *rule.others]


def _is_done(rule: Rule, nodes: Sequence[Node]) -> bool:
    return rule.keeps and set(rule.others) <= set(nodes)


def _count_leaves(node: Node) -> int:
    match node:
        case And(nodes) | Or(nodes):
            return sum(map(_count_leaves, nodes))
        case Boost(inner, _) | Not(inner) | Field(_, inner):
            return _count_leaves(inner)
        case _:
            return 1


def parse_synonyms(text: str) -> tuple[Synonyms, list[Problem]]:
    """Parse the content of a file of synonyms. Lines with a mistake are skipped and returned."""
    builder, problems, rules = _Builder(), [], 0
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        rules += 1
        if rules > MAX_RULES:
            problems.append(
                Problem(number, f"there are more than {MAX_RULES:,} rules: this one and all after it were skipped")
            )
            break
        try:
            builder.add(line)
        except ValueError as error:
            problems.append(Problem(number, str(error)))
    return builder.synonyms(), problems


class _Builder:
    """Collects the rules of a file."""

    def __init__(self) -> None:
        self._found: dict[Words, dict[Words, str]] = {}

    def add(self, line: str) -> None:
        """Add the rule of a line. Raise ValueError with the reason if it has a mistake."""
        sides = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), line).split("=>")
        if len(sides) > 2:
            raise ValueError("it has more than one “=>”: write each rule on a line of its own")
        entries = [_entries(side) for side in sides]
        if sum(map(len, entries)) > MAX_ENTRIES:
            raise ValueError(f"it has more than {MAX_ENTRIES} entries: write them on several lines")
        if len(sides) == 1 and len(entries[0]) == 1:
            raise ValueError("it has only one entry: separate synonyms by commas, or use “=>”")
        more = [self._found.get(words, {}) | entries[-1] for words in entries[0]]
        if max(map(len, more)) > MAX_ENTRIES:
            raise ValueError(f"an entry would have more than {MAX_ENTRIES} synonyms, together with those of other lines")
        self._found.update(zip(entries[0], more, strict=True))

    def synonyms(self) -> Synonyms:
        return Synonyms({words: _rule(words, entries) for words, entries in self._found.items()})


def _entries(side: str) -> dict[Words, str]:
    """Return the entries of one side of a rule by their words."""
    found: dict[Words, str] = {}
    for entry in side.split(","):
        text = " ".join(clean(entry.translate(_PLAIN)).split())
        words = tuple(analyzer_for("none").tokens(text))
        if not text:
            raise ValueError("an entry is empty: write something on both sides of each comma and “=>”")
        if not words:
            raise ValueError(f"“{text[:MAX_LENGTH]}” has no letters or digits that could be searched for")
        if len(words) > MAX_WORDS or len(text) > MAX_LENGTH:
            raise ValueError(
                f"“{text[:30]}…” is too long: an entry has at most {MAX_WORDS} words and {MAX_LENGTH} characters"
            )
        if "\ufffd" in text:
            raise ValueError(f"“{text}” is not in UTF-8: save the file in that encoding")
        if _QUOTE.search(text):
            raise ValueError(f"“{text}” has a quotation mark: leave it out, since entries of several words are phrases")
        found.setdefault(words, text)
    return found


def _rule(words: Words, entries: Mapping[Words, str]) -> Rule:
    keeps = words in entries
    others = [plain_word(text) for other, text in entries.items() if other != words]
    first = () if keeps else others[:1]
    return Rule(keeps, (*first, *(Boost(node, WEIGHT) for node in others[len(first) :])))
