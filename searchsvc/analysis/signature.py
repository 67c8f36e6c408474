"""Signatures of texts, by which texts that share most of their words are found, and how much two texts share.

A text is taken as its passages: every five words that follow one another, each as a hash of 64 bits. Its signature is the
sixteen least of them (Broder's bottom sketch, of 1997), 32 bits of each. Two texts that share half of their passages have
about half of their signatures in common, and a text that was cut to a quarter of another a quarter. So a few values in
common say which texts are worth comparing, and a comparison of all passages says how much they share. Of four words, seven
times as many texts that have little in common would be compared: many sayings have four.

Words are hashed by NumPy, all of a text at once, in a tenth of the time of a loop. Capital letters and punctuation do not
count. Letters beyond ASCII part the words of texts in Latin script, where they are few; texts in other scripts are brought
into the form in which they are searched, with each character of scripts without spaces as a word.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.tokenizer import searchable
from searchsvc.model.limits import SIGNATURE_SIZE

Passages = NDArray[np.uint64]
Signature = NDArray[np.uint32]

MAX_TEXT = 1_000_000  # characters of a text whose passages are compared
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
_MAX = 2**64 - 1


class Likeness(NamedTuple):
    """The part of all passages of two texts that both have, and whether they are versions of one text."""

    shared: float
    are_versions: bool


def passages(text: str) -> Passages:
    """Return the hashes of every five words that follow one another in a text, in order."""
    text = text[:MAX_TEXT]
    encoded = text.encode()
    if (len(encoded) - len(text)) * _OTHER_SCRIPTS > len(text):
        letters = searchable(text).encode().translate(_WORDS)
    else:
        letters = encoded.translate(_ASCII_WORDS)
    words = _word_hashes(_PADDING + letters + _PADDING)
    pairs = words[:-1] * _PAIR
    pairs += words[1:]
    fours = pairs[:-2] * _FOUR
    fours += pairs[2:]
    found: Passages = fours[:-1] * _FIVE
    found += words[WORDS - 1 :]
    return found


def _word_hashes(letters: bytes) -> NDArray[np.uint64]:
    """Return a hash of each word, which is a run of bytes that are not zero: of its first eight bytes and its length."""
    is_letter = (np.frombuffer(letters, np.uint8) != 0).view(np.uint8)
    bounds = np.flatnonzero((is_letter[1:] ^ is_letter[:-1]).view(np.bool_)) + 1
    starts = bounds[::2]
    lengths = bounds[1::2] - starts
    eight_bytes = np.ndarray((len(letters) - 7,), "<u8", letters, strides=(1,))
    hashes: NDArray[np.uint64] = eight_bytes[starts]
    hashes &= _FIRST_BYTES.take(lengths, mode="clip")
    hashes *= _LETTERS
    hashes += lengths.view(np.uint64)
    hashes *= _MIX
    hashes ^= hashes >> _HALF
    return hashes


def signature(found: Passages) -> Signature | None:
    """Return the signature of a text with these passages. Return None if fewer than sixteen of them are different."""
    number = len(found)
    if number < SIGNATURE_SIZE:
        return None
    # Of hashes below a bound, about twice as many as are needed, so that few have to be sorted.
    few = found[found < np.uint64(_MAX * 2 * SIGNATURE_SIZE // number)] if number > 2 * SIGNATURE_SIZE else found
    least = distinct(few)
    if len(least) < SIGNATURE_SIZE:
        least = distinct(found)
    return None if len(least) < SIGNATURE_SIZE else ((least[:SIGNATURE_SIZE] * _KEPT) >> _HALF).astype(np.uint32)


def distinct(found: Passages) -> Passages:
    """Return different passages in the order of their hashes. NumPy's `unique` takes several times as long."""
    ordered = np.sort(found)
    is_first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


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
    own, others = distinct(one), distinct(other)
    common = _common(own, others)
    every = len(own) + len(others) - common
    shared = common / every if every else 0.0
    return Likeness(shared, shared >= LEAST_SHARED or (common > 0 and _is_cut(*sorted((one, other), key=len))))


def _is_cut(cut: Passages, whole: Passages) -> bool:
    """Return whether a text is the beginning of another one, perhaps with words before and behind it."""
    if len(cut) < LEAST_LENGTH * len(whole):
        return False
    own = distinct(cut)
    return _common(own, distinct(whole[: len(cut) + _MARGIN])) >= LEAST_KEPT * len(own)


def _common(own: Passages, others: Passages) -> int:
    """Return the number of passages that both have, each of which is in order."""
    if not len(own) or not len(others):
        return 0
    places = np.searchsorted(others, own)
    return int(np.count_nonzero(others.take(places, mode="clip") == own))
