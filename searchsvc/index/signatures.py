"""The signatures of the texts of a generation, in two files that never change.

signatures.base      those of all articles when it was written; later generations share it by a hard link
signatures.changes   those of articles that were added or changed since then, and the ids of those that were deleted

An update writes the changes anew. When they are many, it writes a new base. Rows are in the order of their ids, and
articles with too little text for a signature have none.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import ServiceError
from searchsvc.index.arrays import PackedTexts, packed, read_arrays, write_arrays
from searchsvc.index.generation import Generation, link_or_copy
from searchsvc.model.limits import SIGNATURE_SIZE

_KIND = "signatures 1"
_COLUMNS = {"values": "I", "instants": "q", "lengths": "I"}
_FEW = 2_000  # changes whose ids are looked up in the file: for more, all ids are decoded first
_ROWS_OF_SLICE = 2**12
_MANY_CHANGES = 10  # a new base is written if there is one change for so many of its rows


class SignatureTable(NamedTuple):
    """Articles and their signatures, in the order of their ids.

    `instants` are in seconds since 1970, and `lengths` the numbers of passages of the texts. An article that was deleted,
    or has too little text by now, has the length 0.
    """

    ids: Sequence[str]
    instants: NDArray[np.int64]
    lengths: NDArray[np.uint32]
    values: NDArray[np.uint32]

    def row(self, article_id: str) -> int | None:
        """Return the row of an article, or None if it has none."""
        row = bisect_left(self.ids, article_id)
        return row if row < len(self.ids) and self.ids[row] == article_id else None

    def taken(self, rows: Sequence[int] | NDArray[np.intp]) -> "SignatureTable":
        """Return the table of some rows, whose ids are in order."""
        chosen = np.asarray(rows, np.intp)
        ids = [self.ids[row] for row in chosen.tolist()]
        return SignatureTable(ids, self.instants[chosen], self.lengths[chosen], self.values[chosen])


class NewSignatures:
    """Signatures in the order in which a reindex finds them. The last one of an article counts."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._instants = array("q")
        self._lengths = array("I")
        self._values = bytearray()

    def add(self, article_id: str, instant: int, length: int, values: bytes) -> None:
        self._ids.append(article_id)
        self._instants.append(instant)
        self._lengths.append(length)
        self._values += values

    def add_all(self, table: SignatureTable) -> None:
        """Add several articles, whose ids may be in any order."""
        self._ids += table.ids
        self._instants.frombytes(table.instants.tobytes())
        self._lengths.frombytes(table.lengths.tobytes())
        self._values += table.values.tobytes()

    def table(self) -> SignatureTable:
        """Return the signatures as a table."""
        last = {article_id: row for row, article_id in enumerate(self._ids)}
        found = SignatureTable(
            self._ids,
            np.frombuffer(self._instants, np.int64),
            np.frombuffer(self._lengths, np.uint32),
            np.frombuffer(self._values, np.uint32).reshape(-1, SIGNATURE_SIZE),
        )
        return found.taken([last[article_id] for article_id in sorted(last)])


class _JoinedTexts(Sequence[str]):
    """The texts of several sequences, one behind the other."""

    def __init__(self, sequences: Sequence[Sequence[str]]) -> None:
        self._sequences = sequences
        self._starts = [0, *accumulate(map(len, sequences))]

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, number: int) -> str:  # type: ignore[override]  # nobody wants slices
        part = bisect_right(self._starts, number) - 1
        return self._sequences[part][number - self._starts[part]]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._sequences)


class StackedValues:
    """The values of several tables as one table. Those of a million articles are 60 MB, which are read where they are."""

    def __init__(self, tables: Sequence[SignatureTable]) -> None:
        base, *others = (table.values for table in tables)
        self._parts = (base, np.concatenate(others))

    def __getitem__(self, row: int) -> NDArray[np.uint32]:
        base, others = self._parts
        found: NDArray[np.uint32] = base[row] if row < len(base) else others[row - len(base)]
        return found

    def of_rows(self, rows: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Return some rows, as a table of their own."""
        base, others = self._parts
        if not len(others):
            return base[rows]
        found = np.empty((len(rows), SIGNATURE_SIZE), np.uint32)
        is_base = rows < len(base)
        found[is_base] = base[rows[is_base]]
        found[~is_base] = others[rows[~is_base] - len(base)]
        return found

    def slices(self) -> Iterator[tuple[int, NDArray[np.uint32]]]:
        """Yield slices of all rows, small enough for the caches of a processor, each with its first row."""
        start = 0
        for part in self._parts:
            for begin in range(0, len(part), _ROWS_OF_SLICE):
                yield start + begin, part[begin : begin + _ROWS_OF_SLICE]
            start += len(part)


class Signatures:
    """The signatures of a generation, as rows: those of the base, and behind them those of the changes.

    Only rows that are `present` count. The rows that are `former` come last: signatures that articles had in the generation
    before, and have no longer.
    """

    def __init__(self, base: SignatureTable, changes: SignatureTable, former: SignatureTable) -> None:
        self._base, self._changes = base, changes
        tables = (base, changes, former)
        self.ids = _JoinedTexts([table.ids for table in tables])
        self.instants = np.concatenate([table.instants for table in tables])
        self.lengths = np.concatenate([table.lengths for table in tables])
        self.values = StackedValues(tables)
        self.former = range(len(self.ids) - len(former.ids), len(self.ids))
        self.present = self.lengths > 0
        self.present[self.former.start :] = False
        self.present[[row for row in map(base.row, changes.ids) if row is not None]] = False

    def row(self, article_id: str) -> int | None:
        """Return the row of an article, or None if it has none."""
        changed = self._changes.row(article_id)
        row = len(self._base.ids) + changed if changed is not None else self._base.row(article_id)
        return row if row is not None and self.present[row] else None

    def time(self, row: int) -> tuple[int, str]:
        """Return the place of an article in the order of time: its instant, and its id."""
        return int(self.instants[row]), self.ids[row]

    def in_order_of_time(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return rows in the order of time, and of their ids where that is the same."""
        if len(rows) and rows.max() >= len(self._base.ids):
            return np.array(sorted(rows.tolist(), key=self.time), np.intp)
        return rows[np.lexsort((rows, self.instants[rows]))]  # the rows of the base are in the order of their ids

    def write(self, draft: Generation, former: Generation | None) -> None:
        """Write the signatures of a draft. The base may be shared with that of the generation before."""
        base, changes = _files(draft)
        if former is not None and len(self._changes.ids) * _MANY_CHANGES <= len(self._base.ids):
            link_or_copy(_files(former)[0], base)
            write_table(changes, self._changes)
            return
        ids = list(self.ids)
        rows = sorted(np.flatnonzero(self.present).tolist(), key=ids.__getitem__)
        chosen = np.array(rows, np.intp)
        kept = self.instants[chosen], self.lengths[chosen], self.values.of_rows(chosen)
        write_table(base, SignatureTable([ids[row] for row in rows], *kept))
        write_table(changes, EMPTY)


EMPTY = SignatureTable((), np.zeros(0, np.int64), np.zeros(0, np.uint32), np.zeros((0, SIGNATURE_SIZE), np.uint32))
"""The table without rows."""


def updated(former: Generation | None, new: SignatureTable) -> Signatures:
    """Return the signatures of a draft, given those that it adds to a generation. Raise ServiceError if that is damaged."""
    if former is None:
        return Signatures(new, EMPTY, EMPTY)
    base, before = map(read_table, _files(former))
    if len(before.ids) + len(new.ids) > _FEW:
        base, before = (table._replace(ids=list(table.ids)) for table in (base, before))
    changes = NewSignatures()
    changes.add_all(before)
    changes.add_all(new)
    return Signatures(base, changes.table(), _replaced(base, before, new))


def _replaced(base: SignatureTable, before: SignatureTable, new: SignatureTable) -> SignatureTable:
    """Return the signatures that articles with new ones had, given the base and the changes of a generation."""
    found = NewSignatures()
    for article_id in new.ids:
        table = base if (row := before.row(article_id)) is None else before
        row = base.row(article_id) if row is None else row
        if row is not None and table.lengths[row]:
            found.add(article_id, int(table.instants[row]), int(table.lengths[row]), table.values[row].tobytes())
    return found.table()


def read_table(file: Path) -> SignatureTable:
    """Read a table. Raise ServiceError if the file cannot be read."""
    try:
        found = read_arrays(file, _KIND)
        values, instants, lengths = (np.asarray(found[name]) for name in _COLUMNS)
        return SignatureTable(PackedTexts(found), instants, lengths, values.reshape(-1, SIGNATURE_SIZE))
    except (OSError, ValueError, KeyError, TypeError) as error:
        advice = "build the index anew with `searchsvc reindex --full`"
        raise ServiceError(f"{file} is damaged ({error}): {advice}") from error


def write_table(file: Path, table: SignatureTable) -> None:
    """Write a table. Publication makes it durable."""
    columns: tuple[NDArray[Any], ...] = (table.values, table.instants, table.lengths)
    numbers = {
        name: memoryview(array(form, column.tobytes()))
        for (name, form), column in zip(_COLUMNS.items(), columns, strict=True)
    }
    write_arrays(file, _KIND, numbers | packed(table.ids))


def _files(generation: Generation) -> tuple[Path, Path]:
    """Return the files of the base and of the changes."""
    return generation.folder / "signatures.base", generation.folder / "signatures.changes"
