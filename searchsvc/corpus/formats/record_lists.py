"""Where the records of a JSON file are: in the file itself, in a list, or in one that is wrapped in objects.

A list of records is known by its shape, not by its name: by objects that have the fields of articles. It may be up to
`MAX_DEPTH` levels down, as `response.docs`, `hits.hits` or `db[].data.posts` are.
"""

from collections.abc import Collection, Iterator, Mapping
from statistics import mean
from typing import Any

from searchsvc.corpus.formats.json_stream import FaultyValueError, HugeValueError, JsonReader
from searchsvc.corpus.formats.json_tables import find_table, with_id
from searchsvc.corpus.formats.record_shape import article_score, has_body, plain, root_score
from searchsvc.corpus.formats.registry import FieldLookup
from searchsvc.corpus.record import ReadFailure

Path = tuple[str, ...]
"""The names that lead to a value. `ELEMENT` stands for every element of a list, `MEMBER` for every value of an object."""
ELEMENT, MEMBER = "[]", "{}"
ROOT: Path = ()
NO_RECORDS = "is not a JSON object, nor a list of objects"
MAX_DEPTH = 6
_BRACKETS = ("[", "{")
_SAMPLES = 20  # of the objects in a list
_MAX_SURVEYED = 50_000  # values that are looked at; a million empty objects would take longer than the file may
_ALIKE = 0.5  # share of common names with which two lists have records of one kind


class _EnoughError(Exception):
    """So many values have been looked at that the others will not change the picture."""


class Survey:
    """The objects at the beginning of a text, by path."""

    def __init__(self, reader: JsonReader, field_of: FieldLookup) -> None:
        self.samples: dict[Path, list[Mapping[str, Any]]] = {}
        self.has_several = False  # values, one after the other
        self.has_empty_list = False
        self.begins_with = ""
        self._mixed: set[Path] = set()  # objects that have other values than objects
        self._is_whole = True
        self._left = _MAX_SURVEYED
        self._reader = reader
        self._field_of = field_of
        try:
            if reader.peek() not in _BRACKETS:
                reader.skip_lines()
            self.begins_with = reader.peek()
            self._look((), self.begins_with)
            self.has_several = reader.peek() != ""
        except (FaultyValueError, _EnoughError):
            self._is_whole = (
                False  # the text may be cut here, or have a fault, of which whoever reads the records will tell
            )

    def _look(self, path: Path, begin: str) -> None:
        self._left -= 1
        if self._left < 0:
            raise _EnoughError
        if begin not in _BRACKETS or len(path) == MAX_DEPTH:
            self._reader.skip()
            return
        try:
            if begin == "[":
                self._look_into_list((*path, ELEMENT))
            else:
                self._look_into_object(path)
        except FaultyValueError:
            self._reader.leave()

    def _look_into_list(self, path: Path) -> None:
        self._reader.step()
        self.has_empty_list |= self._reader.peek() == "]"
        while (begin := self._reader.peek()) not in ("]", ""):
            was_known = self._is_known(path)
            self._look(path, begin)
            if len(path) == 1 and not was_known and self._is_known(path) and self._score(path):
                return  # the file is a list of records
        self._reader.step()

    def _look_into_object(self, path: Path) -> None:
        is_known = self._is_known(path)
        found = None if is_known else self._sample(path)
        if is_known or (found is not None and has_body(found, self._field_of)):
            self._reader.skip()
            return
        self._reader.step()
        while (begin := self._reader.peek()) not in ("}", ""):
            name = self._reader.name()
            begin = self._reader.peek()
            if begin == "{":
                self._sample((*path, MEMBER))
            else:
                self._mixed.add((*path, MEMBER))
            self._look((*path, name), begin)
        self._reader.step()

    def _is_known(self, path: Path) -> bool:
        """Return whether there are enough samples of a path."""
        return len(self.samples.get(path, ())) == _SAMPLES

    def _sample(self, path: Path) -> Mapping[str, Any] | None:
        """Add the object at the position to the samples, without passing over it. Return None if it is cut or faulty."""
        samples = self.samples.setdefault(path, [])
        try:
            value = plain(self._reader.preview())
        except FaultyValueError:
            return None
        if isinstance(value, dict) and len(samples) < _SAMPLES:
            samples.append(value)
        return value if isinstance(value, dict) else None

    def choose(self) -> tuple[Path, ...]:
        """Return the paths of the records: of the objects most like articles, the least deep of them, and others alike.

        Return none if there are no records, as in the answer of a service that has found nothing.
        """
        paths = [path for path in self.samples if path[-1:] in ((ELEMENT,), (MEMBER,)) and path not in self._mixed]
        lists = {path: score for path in paths if (score := self._score(path)) > 0}
        whole = next(iter(self.samples.get((), ())), {})
        is_table = find_table(whole, self._field_of) is not None
        root = root_score(whole, self._field_of)
        best = max(lists, key=lambda path: (lists[path], -len(path)), default=None)
        if best is None and not root and not is_table and self.has_empty_list and self._is_whole:
            return ()
        if best is None or is_table or root >= lists[best] or (root and self.has_several):
            return ((ELEMENT,) if self.begins_with == "[" else ROOT,)
        return tuple(path for path in lists if path == best or self._are_alike(path, best))

    def _score(self, path: Path) -> float:
        samples = self.samples[path]
        is_single = path[-1:] == (MEMBER,) and len(samples) < 2
        return mean(article_score(fields, self._field_of) for fields in samples) if samples and not is_single else 0

    def _are_alike(self, path: Path, best: Path) -> bool:
        one, other = ({name for fields in self.samples[each] for name in fields} for each in (path, best))
        return len(one & other) >= _ALIKE * len(one | other)


class RecordWalk:
    """A walk through a text that yields the values at certain paths. `key` is the first name of the value before."""

    def __init__(self, reader: JsonReader, paths: Collection[Path], key: str = "") -> None:
        self._reader = reader
        self._paths = frozenset(paths)
        self._leading = {path[:length] for path in paths for length in range(len(path))}
        self._key = key
        self._has_failed = False  # at the last value

    def values(self) -> Iterator[Any | ReadFailure]:
        """Yield each value, and a failure for each that is faulty. What follows a fault is found by its first name."""
        while begin := self._reader.peek():
            is_record = bool(self._key) and self._reader.first_key() == self._key
            try:
                yield from self._record() if is_record else self._walk_value(begin)
            except FaultyValueError as error:
                if not (self._has_failed and self._reader.peek() == ""):
                    yield ReadFailure(str(error))
                self._reader.recover(self._key, "")

    def _walk_value(self, begin: str) -> Iterator[Any | ReadFailure]:
        """Walk through one of the values of the text. Raise FaultyValueError for what is none, such as a line of a log."""
        if begin not in _BRACKETS:
            raise FaultyValueError(NO_RECORDS)
        yield from self._walk((), begin)

    def _walk(self, path: Path, begin: str) -> Iterator[Any | ReadFailure]:
        if path in self._paths:
            yield from self._record()
        elif path not in self._leading or begin not in _BRACKETS:
            fault = self._reader.skip()
            if fault:
                yield ReadFailure(fault)
        elif begin == "[":
            yield from self._walk_list((*path, ELEMENT))
        else:
            yield from self._walk_object(path)

    def _walk_list(self, path: Path) -> Iterator[Any | ReadFailure]:
        self._reader.step()
        while (begin := self._next()) != "]":
            yield from self._walk(path, begin)
        self._reader.step()

    def _walk_object(self, path: Path) -> Iterator[Any | ReadFailure]:
        self._reader.step()
        has_records = (*path, MEMBER) in self._paths
        while self._next() != "}":
            name = self._reader.name()
            begin = self._next()
            if has_records:
                yield from (with_id(value, name) if isinstance(value, dict) else value for value in self._record())
            else:
                yield from self._walk((*path, name), begin)
        self._reader.step()

    def _next(self) -> str:
        begin = self._reader.peek()
        if not begin:
            raise FaultyValueError("is not JSON: it is truncated")
        return begin

    def _record(self) -> Iterator[Any | ReadFailure]:
        key, indent = self._reader.first_key(), self._reader.indent()
        try:
            value = self._reader.value()
        except FaultyValueError as error:
            value = self._reader.recover(self._key or key, indent, is_huge=isinstance(error, HugeValueError))
            self._has_failed = value is None
            yield ReadFailure(str(error)) if value is None else value
            return
        self._key, self._has_failed = key, False
        yield value


def describe_paths(paths: Collection[Path]) -> str:
    """Return where the records are, for a person."""
    if not paths:
        return "none, since the list of them is empty"
    if ROOT in paths:
        return "every value of the file"
    return "in " + " and ".join(sorted(map(_describe_path, paths)))


def _describe_path(path: Path) -> str:
    text = "".join(part if part == ELEMENT else f".{part}" for part in path[:-1]).lstrip(".")
    kind = "list" if path[-1] == ELEMENT else "object"
    return f"the {kind} “{text}”, whose objects are most like articles" if text else f"the {kind} that the file is"
