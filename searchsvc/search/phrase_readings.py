"""Looser readings of quotations that are not found: in other forms, near each other, and with one word changed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.messages import Message
from searchsvc.query.ast import Node, Phrase, Term, conjunction, disjunction, leaves, replace_text
from searchsvc.query.letters import count_words
from searchsvc.query.parser import MAX_SLOPPY_WORDS, plain_word
from searchsvc.search.corrections import in_capitals_of
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

NEAR = 5  # steps within which the words of a phrase that was not found are looked for
MAX_COMPARED = 20  # articles that are compared with a quotation word by word
MIN_COMPARED, MAX_COMPARED_WORDS = 3, 40  # words of a quotation that is compared
# Articles with the rarest word of a phrase beyond which looking for it takes too long: about as many microseconds for words
# as written, and ten times as many for all forms of words near each other.
_MAX_FREQUENT, _MAX_NEAR = 20_000, 3_000
_MAX_VARIANTS = 2
_MAX_CANDIDATES = 4  # for a misspelt word of a quotation


class Change(NamedTuple):
    """A changed search, not counted yet. `spans` are the characters of its text that differ from the quotation."""

    why: str
    question: Question
    spans: tuple[tuple[int, int], ...] = ()


class Variant(NamedTuple):
    """The difference of a quotation from what articles have: a word instead of those from `start` to `end`.

    The word is "" if the quotation has a word too many.
    """

    start: int
    end: int
    word: str


def with_tree(question: Question, tree: Node) -> Question:
    """Return the question with another tree, and the text that has this tree."""
    return replace(question, text=str(tree), request=replace(question.request, tree=tree))


def in_other_forms(searcher: "Searcher", question: Question) -> Iterator[Change]:
    """Yield the search with its quotations in any forms of their words."""
    if _rarest(searcher, question) <= _MAX_FREQUENT:
        yield from _changed(Message("other forms"), question, lambda text: Phrase(text, 0))


def near_each_other(searcher: "Searcher", question: Question) -> Iterator[Change]:
    """Yield the search with the words of its quotations near each other."""

    def near(text: str) -> Node:
        return Phrase(text, NEAR) if 1 < count_words(text) <= MAX_SLOPPY_WORDS else Phrase(text)

    if _rarest(searcher, question) <= _MAX_NEAR:
        yield from _changed(Message("near each other"), question, near)


def without_quotation_marks(_searcher: "Searcher", question: Question) -> Iterator[Change]:
    """Yield the search with the words of its quotations anywhere."""

    def words(text: str) -> Node:
        return conjunction(plain_word(word) for word in text.split() if any(map(str.isalnum, word)))

    yield from _changed(Message("without quotation marks"), question, words)


def with_one_word_changed(searcher: "Searcher", question: Question, deadline: float) -> Iterator[Change]:
    """Yield the search with its first quotation as articles have it, in which one word differs, is missing or added.

    At the deadline, no further articles are compared.
    """
    phrase = next(_quotations(question.request.tree), None)
    if phrase is None or _rarest(searcher, question) > _MAX_FREQUENT:
        return
    words = searcher.analyzers.main.tokens(phrase.text)
    found = list(_misspelt(searcher, words)) or _most_frequent(searcher, question, phrase, words, deadline)
    for variant in found:
        text, at = _applied(variant, phrase.text, words)
        changed = with_tree(question, replace_text(question.request.tree, _replacing(phrase, Phrase(text))))
        at += changed.text.index(f'"{text}"') + 1
        yield Change(Message("one word differs"), changed, ((at, at + len(variant.word)),) if variant.word else ())


def _changed(why: str, question: Question, change: Callable[[str], Node]) -> Iterator[Change]:
    def changed(leaf: Term | Phrase) -> Node:
        return change(leaf.text) if isinstance(leaf, Phrase) and leaf.slop is None else leaf

    tree = replace_text(question.request.tree, changed)
    if tree != question.request.tree:
        yield Change(why, with_tree(question, tree))


def _replacing(phrase: Phrase, other: Phrase) -> Callable[[Term | Phrase], Node]:
    return lambda leaf: other if leaf == phrase else leaf


def _quotations(tree: Node) -> Iterator[Phrase]:
    return (leaf for leaf, _ in leaves(tree) if isinstance(leaf, Phrase) and leaf.slop is None)


def _rarest(searcher: "Searcher", question: Question) -> int:
    """Return the number of articles with the rarest word of a quotation, of the quotation where it is largest."""
    analyzer, count = searcher.analyzers.main, searcher.dictionary.count
    texts = (phrase.text for phrase in _quotations(question.request.tree))
    return max((min(map(count, analyzer.tokens(text)), default=0) for text in texts), default=0)


def _applied(variant: Variant, text: str, words: Sequence[str]) -> tuple[str, int]:
    """Return the text of a quotation as articles have it, and where in it the word is that differs."""
    places = [found.span() for found in token_pattern(text).finditer(text)]
    if len(places) != len(words):  # a word that is too long is none
        text = " ".join(words)
        places = [found.span() for found in token_pattern(text).finditer(text)]
    start, end, word = variant
    if not word:
        before, after = text[: places[start][0]].rstrip(), text[places[start][1] :].lstrip()
        return f"{before} {after}".strip(), 0
    if start == end:
        word = f"{word} "
    first, last = places[start][0], places[end - 1][1] if end > start else places[start][0]
    return text[:first] + in_capitals_of(text[first:last], word) + text[last:], first


# Which word differs


def _misspelt(searcher: "Searcher", words: Sequence[str]) -> Iterator[Variant]:
    """Yield a quotation with a word that the archive lacks in the spellings that it has, the most frequent first."""
    dictionary = searcher.dictionary
    unknown = [number for number, word in enumerate(words) if not dictionary.count(word)]
    if len(unknown) == 1 and len(words) > 1:
        (at,) = unknown
        for better in dictionary.similar(words[at], 1, _MAX_CANDIDATES):
            yield Variant(at, at + 1, better)


def _most_frequent(
    searcher: "Searcher", question: Question, phrase: Phrase, words: Sequence[str], deadline: float
) -> list[Variant]:
    """Return the most frequent variants of a quotation in the articles that have most of it."""
    if not MIN_COMPARED <= len(words) <= MAX_COMPARED_WORDS:
        return []
    tree = replace_text(question.request.tree, lambda leaf: _parts(words) if leaf == phrase else leaf)
    request = replace(question.request, tree=tree, sort="relevance", per_page=MAX_COMPARED, facets=(), date_facet=False)
    tokens = searcher.analyzers.main.tokens
    found: Counter[Variant] = Counter()
    articles = searcher.engine.search(request).articles
    for article, _ in takewhile(lambda _: monotonic() < deadline, articles):
        places = (each for text in (article.title, article.body) for each in differing(words, tokens(text)))
        found.update(dict.fromkeys(places).keys())
    return [variant for variant, _ in found.most_common(_MAX_VARIANTS)]


def _parts(words: Sequence[str]) -> Node:
    """Return what has a quotation in which one word differs: one of its halves. Of three words, two of them."""
    if len(words) == MIN_COMPARED:
        first, _, last = words
        return disjunction([Phrase(" ".join(words[:2])), Phrase(" ".join(words[1:])), Phrase(f"{first} {last}", 1)])
    half = len(words) // 2
    halves = (words[:half], words[half:]), (words[half:], words[:half])
    return disjunction(
        conjunction([Phrase(" ".join(whole)), disjunction(Phrase(word) for word in dict.fromkeys(other))])
        for whole, other in halves
    )


def differing(words: Sequence[str], tokens: Sequence[str]) -> Iterator[Variant]:
    """Yield each variant of a quotation in a text, in which one word differs, is missing or added.

    Takes time proportional to the text, since few places agree in the first word or in the second.
    """
    quotation, size = list(words), len(words)
    for start, token in enumerate(tokens):
        if token != quotation[0] and tokens[start + 1 : start + 2] != quotation[1:2]:
            continue
        window = tokens[start : start + size + 1]
        same = next((at for at, word in enumerate(quotation) if window[at : at + 1] != [word]), size)
        if same == size:
            continue
        if window[same + 1 : size] == quotation[same + 1 :] and len(window) >= size:
            yield Variant(same, same + 1, window[same])
        elif same and window[same + 1 : size + 1] == quotation[same:]:
            yield Variant(same, same, window[same])
        elif 0 < same < size - 1 and window[same : size - 1] == quotation[same + 1 :]:
            yield Variant(same, same + 1, "")
