"""Signatures of texts, by which texts that share most of their words are found, and how much two texts share.

A text is taken as its passages: every five words that follow one another, each as a hash of 64 bits. Its signature is the
sixteen least of them (Broder's bottom sketch, of 1997), 32 bits of each. Two texts that share half of their passages have
about half of their signatures in common, and a text that was cut to a quarter of another a quarter. So a few values in
common say which texts are worth comparing, and a comparison of all passages says how much they share. Of four words, seven
times as many texts that have little in common would be compared: many sayings have four.

Words are hashed by NumPy, those of several texts at once, in a tenth of the time of a loop. Capital letters and punctuation
do not count. Letters beyond ASCII part the words of texts in Latin script, where they are few; texts in other scripts are
brought into the form in which they are searched, with each character of scripts without spaces as a word.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.tokenizer import searchable
from searchsvc.model.limits import SIGNATURE_SIZE

Passages = NDArray[np.uint64]

MAX_TEXT = 1_000_000  # characters of a text whose passages are compared
_SIGNED_AT_ONCE = 32_000  # characters: the arrays of longer texts leave the caches of a processor
WORDS = 5  # of a passage
MIN_COMMON = 2  # values that the signatures of versions have in common
LEAST_SHARED = 0.5  # part of all passages of two versions that both have
LEAST_KEPT = 0.8  # part of the passages of a text, cut at the end, that the beginning of the whole text has
LEAST_LENGTH = 0.2  # length of a text, cut at the end, as a part of that of the whole text
_SURE = SIGNATURE_SIZE - 1  # values in common of texts that share half, but for one pair in 4,000
_MARGIN = 20  # passages that may stand before those of a text that was cut, such as a dateline
_OTHER_SCRIPTS = 8  # a text has one byte beyond ASCII for so many characters if it is not in Latin script
_PADDING = bytes(8)
_ASCII_WORDS = bytes(ord(chr(byte).lower()) if byte < 0x80 and chr(byte).isalnum() else 0 for byte in range(0x100))
_WORDS = bytes(byte if byte >= 0x80 else _ASCII_WORDS[byte] for byte in range(0x100))
_FIRST_BYTES = np.array([(1 << 8 * number) - 1 for number in range(9)], np.uint64)
_LETTERS, _MIX, _PAIR = (np.uint64(odd) for odd in (0x9DDFEA08EB382D69, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
_FOUR, _FIVE, _KEPT = (np.uint64(odd) for odd in (0xFF51AFD7ED558CCD, 0x2127599BF4325C37, 0xD6E8FEB86659FD93))
"""Odd numbers with as many zeros as ones, like the three above: those of MurmurHash and SplitMix."""
_HALF = np.uint64(32)
_HASHES = 2**64  # different hashes


class Likeness(NamedTuple):
    """The part of all passages of two texts that both have, and whether they are versions of one text."""

    shared: float
    are_versions: bool


class Signature(NamedTuple):
    """The number of passages of a text, and the sixteen values of its signature, as bytes.

    A text with fewer than sixteen different passages has no signature: its number and its values are 0.
    """

    length: int
    values: bytes


def sign_texts(texts: Sequence[str]) -> list[Signature]:
    """Return the signatures of some texts. Ten articles together take about half as long as one by one."""
    return [signature for group in _groups(texts) for signature in _sign(group)]


def _groups(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in groups that are signed at once."""
    begin = characters = 0
    for end, text in enumerate(texts, start=1):
        characters += len(text)
        if characters >= _SIGNED_AT_ONCE or end == len(texts):
            yield texts[begin:end]
            begin, characters = end, 0


def _sign(texts: Sequence[str]) -> Iterator[Signature]:
    letters = list(map(_comparable, texts))
    starts, hashes = _word_hashes(b"\0".join(letters))
    found = _hash_passages(hashes)
    lengths, least = np.zeros(len(texts), np.uint32), np.zeros((len(texts), SIGNATURE_SIZE), np.uint64)
    begin = 0
    for number, end in enumerate(starts.searchsorted(list(accumulate(len(each) + 1 for each in letters))).tolist()):
        own = found[begin : max(begin, end - WORDS + 1)]
        begin = end
        of_text = _least(own)
        if of_text is not None:
            lengths[number], least[number] = len(own), of_text
    least *= _KEPT
    least >>= _HALF
    values = map(np.ndarray.tobytes, least.astype(np.uint32))
    return map(Signature, lengths.tolist(), values)


def passages(text: str) -> Passages:
    """Return the hashes of every five words that follow one another in a text, in order."""
    _, hashes = _word_hashes(_comparable(text))
    return _hash_passages(hashes)


def _comparable(text: str) -> bytes:
    """Return the letters and digits of a text as they are compared, with zeros between words."""
    text = text[:MAX_TEXT]
    encoded = text.encode()
    if (len(encoded) - len(text)) * _OTHER_SCRIPTS > len(text):
        return searchable(text).encode().translate(_WORDS)
    return encoded.translate(_ASCII_WORDS)


def _hash_passages(words: NDArray[np.uint64]) -> Passages:
    """Return the hashes of every five words that follow one another, given those of the words."""
    pairs = words[:-1] * _PAIR
    pairs += words[1:]
    fours = pairs[:-2] * _FOUR
    fours += pairs[2:]
    found: Passages = fours[:-1] * _FIVE
    found += words[WORDS - 1 :]
    return found


def _word_hashes(letters: bytes) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Return the place and a hash of each word, which is a run of bytes that are not zero.

    The hash is that of its first eight bytes and its length.
    """
    padded = b"".join((b"\0", letters, _PADDING))
    is_letter = np.frombuffer(padded, np.uint8) != 0
    bounds = (is_letter[1:] != is_letter[:-1]).nonzero()[0]
    starts = bounds[::2]
    lengths = bounds[1::2] - starts
    eight_bytes = np.ndarray((len(letters) + 1,), "<u8", padded, offset=1, strides=(1,))
    hashes: NDArray[np.uint64] = eight_bytes[starts]
    hashes &= _FIRST_BYTES.take(lengths, mode="clip")
    hashes *= _LETTERS
    hashes += lengths.view(np.uint64)
    hashes *= _MIX
    hashes ^= hashes >> _HALF
    return starts, hashes


def _least(found: Passages) -> Passages | None:
    """Return the sixteen least of the passages of a text in order. Return None if fewer are different."""
    # Of hashes below a bound, about twice as many as are needed, so that few have to be sorted.
    bound = _HASHES * 2 * SIGNATURE_SIZE // max(len(found), 1)
    least = distinct(found[found < np.uint64(bound)] if bound < _HASHES else found)
    if len(least) < SIGNATURE_SIZE and bound < _HASHES:
        least = distinct(found)
    return least[:SIGNATURE_SIZE] if len(least) >= SIGNATURE_SIZE else None


def distinct(found: Passages) -> Passages:
    """Return different passages in the order of their hashes. NumPy's `unique` takes several times as long."""
    ordered = found.copy()
    ordered.sort()
    is_new = ordered[1:] != ordered[:-1]
    return ordered if is_new.all() else ordered[np.concatenate(([True], is_new))]


def may_be_versions(
    common: NDArray[np.intp], lengths: np.uint32 | NDArray[np.uint32], others: NDArray[np.uint32]
) -> NDArray[np.bool_]:
    """Return which pairs of texts may be versions of each other.

    `common` are the numbers of values that their signatures have in common, and `lengths` and `others` those of their
    passages. Of texts that share exactly half, four in a hundred have too few values in common, of those that share three
    fifths one in 200, and of those cut to a quarter one in sixteen.
    """
    part = np.minimum(lengths, others) / np.maximum(lengths, others)
    least = np.where(part >= LEAST_SHARED, 5, np.where(part >= 0.4, 3, MIN_COMMON))
    return (common >= least) & (part >= LEAST_LENGTH)


def are_surely_versions(common: int) -> bool:
    """Return whether signatures share so many values that their texts need not be compared."""
    return common >= _SURE


def compare(one: Passages, other: Passages) -> Likeness:
    """Return how much two texts share, given their passages.

    They are versions of one text if they share half of all their passages, or if one is the beginning of the other.
    """
    shorter, longer = sorted((one, other), key=len)
    own, others = distinct(shorter), distinct(longer)
    common = _common(own, others)
    every = len(own) + len(others) - common
    shared = common / every if every else 0.0
    may_be_cut = common > 0 and common >= LEAST_KEPT * len(own) and len(shorter) >= LEAST_LENGTH * len(longer)
    return Likeness(shared, shared >= LEAST_SHARED or (may_be_cut and _is_beginning(own, longer[: len(shorter) + _MARGIN])))


def _is_beginning(own: Passages, beginning: Passages) -> bool:
    """Return whether a text with these passages begins a longer one, perhaps with other words around it.

    `beginning` are the passages of the longer text up to the length of the shorter one.
    """
    return _common(own, distinct(beginning)) >= LEAST_KEPT * len(own)


def _common(own: Passages, others: Passages) -> int:
    """Return the number of passages that both have, each of which is in order."""
    if not len(own) or not len(others):
        return 0
    places = np.searchsorted(others, own)
    return int(np.count_nonzero(others.take(places, mode="clip") == own))
