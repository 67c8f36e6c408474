"""Alignment of a quotation with a printed text, word by word: which words both have, and which differ.

The alignment takes the whole quotation, and of the text the part that is most like it. It begins with the longest common
subsequence of both, and scores its parts as Smith and Waterman do.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern

_GAP_COST = 0.5  # of a word that only one of both has, where a word that both have counts 1


_Kind = Literal["equal", "same", "differ"]


class Word(NamedTuple):
    """A word of a text as it is compared, and its place: [start, end) in characters."""

    term: str
    start: int
    end: int


class Block(NamedTuple):
    """Words of a quotation and of a text that belong together: [start, end) of each, in words.

    They are `equal`, or have the `same` letters and are only parted into other words, like `white house` and `whitehouse`.
    Words that `differ` may be missing on one side.
    """

    kind: _Kind
    quoted: tuple[int, int]
    printed: tuple[int, int]


class Alignment(NamedTuple):
    """The blocks of a whole quotation and a part of a text, in order.

    `similarity` is the part of the words of both that are equal or have the same letters.
    """

    blocks: tuple[Block, ...]

    @property
    def printed(self) -> tuple[int, int]:
        """The part of the text, in words."""
        return self.blocks[0].printed[0], self.blocks[-1].printed[1]

    @property
    def kept(self) -> int:
        """The number of words of the quotation that the text has."""
        return sum(end - start for start, end in (block.quoted for block in self.blocks if block.kind != "differ"))

    @property
    def longest(self) -> int:
        """The number of words of the longest run that both have."""
        runs = (block.quoted for block in self.blocks if block.kind == "equal")
        return max((end - start for start, end in runs), default=0)

    @property
    def similarity(self) -> float:
        spans = [(block.kind, end - start) for block in self.blocks for start, end in (block.quoted, block.printed)]
        return sum(words for kind, words in spans if kind != "differ") / sum(words for _, words in spans)


class _Piece(NamedTuple):
    """A word, or several that are one word in the other text, with its place: [start, end) in words."""

    term: str
    start: int
    end: int


class _Pair(NamedTuple):
    """The positions of a piece that both have."""

    quoted: int
    printed: int


def words_of(text: str, analyzer: Analyzer, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words of a text, or of a part of it. Words that are too long to be indexed are left out."""
    pattern, found = token_pattern(text), []
    for match in pattern.finditer(text, start, len(text) if end is None else end):
        if term := normalize(match[0], analyzer):
            found.append(Word(term, match.start(), match.end()))
    return found


def align(quoted: Sequence[str], printed: Sequence[str]) -> Alignment | None:
    """Return the alignment of a quotation with the part of a text that is most like it. Return None if no word is equal."""
    own, other = _joined(quoted, printed), _joined(printed, quoted)
    terms = [piece.term for piece in other]
    pairs = _best_run(_compacted(_common_pieces([piece.term for piece in own], terms), terms))
    if not pairs:
        return None
    return Alignment(tuple(_runs(_blocks([(own[at], other[place]) for at, place in pairs], quoted, printed))))


def _joined(words: Sequence[str], others: Sequence[str]) -> list[_Piece]:
    """Return the words of a text. Two or three in a row that the other text has as one word only are one piece."""
    known = set(others)
    wanted = known.difference(words)

    def is_joined(part: Sequence[str]) -> bool:
        return "".join(part) in wanted and not known.issuperset(part)

    pieces: list[_Piece] = []
    start = 0
    while start < len(words):
        lengths = (length for length in (3, 2) if wanted and is_joined(words[start : start + length]))
        end = min(start + next(lengths, 1), len(words))
        pieces.append(_Piece("".join(words[start:end]), start, end))
        start = end
    return pieces


def _common_pieces(quoted: Sequence[str], printed: Sequence[str]) -> list[_Pair]:
    """Return the longest common subsequence."""
    equal = (each for each in Indel.opcodes(quoted, printed) if each.tag == "equal")
    return [
        _Pair(each.src_start + number, each.dest_start + number)
        for each in equal
        for number in range(each.src_end - each.src_start)
    ]


def _compacted(pairs: list[_Pair], printed: Sequence[str]) -> list[_Pair]:
    """Move the words of a text together: of several equal ones, any may have been paired."""
    for number in range(len(pairs) - 2, -1, -1):
        (at, start), end = pairs[number], pairs[number + 1].printed
        pairs[number] = _Pair(at, next(each for each in range(end - 1, start - 1, -1) if printed[each] == printed[start]))
    for number in range(1, len(pairs)):
        (at, end), start = pairs[number], pairs[number - 1].printed
        pairs[number] = _Pair(at, next(each for each in range(start + 1, end + 1) if printed[each] == printed[end]))
    return pairs


def _best_run(pairs: list[_Pair]) -> list[_Pair]:
    """Return the adjacent pairs with the highest score, so that stray words of the text around the passage do not count."""
    best, best_score, start, score = (0, 0), 0.0, 0, 0.0
    for number, (quoted, printed) in enumerate(pairs):
        before = pairs[number - 1] if number else _Pair(quoted - 1, printed - 1)
        gap = _GAP_COST * (quoted - before.quoted + printed - before.printed - 2)
        if score < gap:
            start, score, gap = number, 0.0, 0.0
        score += 1 - gap
        if score > best_score:
            best, best_score = (start, number + 1), score
    return pairs[best[0] : best[1]]


def _blocks(pairs: list[tuple[_Piece, _Piece]], quoted: Sequence[str], printed: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a quotation. The text may lack its first and last words.

    What stands between pairs may be equal, too: a word that occurs twice was paired with its other place.
    """
    at, place = 0, pairs[0][1].start
    for (_, start, end), (_, first, last) in pairs:
        if (at, place) != (start, first):
            yield Block(_kind_of(quoted[at:start], printed[place:first]), (at, start), (place, first))
        yield Block("equal" if end - start == last - first else "same", (start, end), (first, last))
        at, place = end, last
    if at < len(quoted):
        yield Block("differ", (at, len(quoted)), (place, place))


def _kind_of(own: Sequence[str], other: Sequence[str]) -> _Kind:
    if list(own) == list(other):
        return "equal"
    return "same" if "".join(own) == "".join(other) else "differ"


def _runs(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks with adjacent words that are equal in one."""
    for kind, adjacent in groupby(blocks, key=lambda block: block.kind):
        run = list(adjacent)
        if kind == "equal":
            run = [Block(kind, (run[0].quoted[0], run[-1].quoted[1]), (run[0].printed[0], run[-1].printed[1]))]
        yield from run
