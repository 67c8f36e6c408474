"""Readers of further formats, which installed distributions offer as entry points of the group `searchsvc.readers`.

The name of an entry point is a suffix, and its value a function that takes a binary stream. It returns a `Record` if a file
is one article, and yields records, failures and notes otherwise. Whatever it does, only the file that it reads can fail.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, BinaryIO

from searchsvc.corpus.budget import NEEDS_MEMORY
from searchsvc.corpus.record import ReadFailure, ReadNote, Record
from searchsvc.errors import UserError

GROUP = "searchsvc.readers"
MAX_RECORD_CHARACTERS = 20 * 2**20  # of the texts of a record

_SUFFIX = re.compile(r"\.?([a-z0-9_+~-]{1,15})")
Found = Record | ReadFailure | ReadNote
Reader = Callable[[BinaryIO], Found | Iterable[Found]]


class PluginError(UserError):
    """A plug-in that cannot be loaded, or that fails on a file. A `transient` fault may be gone at the next attempt."""

    def __init__(self, detail: str, *, transient: bool) -> None:
        super().__init__(detail)
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Plugin:
    """A format whose reader is a plug-in, for files with this suffix. See `Format`, which has the same members."""

    suffix: str
    distribution: str  # its name and version
    entry_point: EntryPoint

    holds_one = False
    is_slow = True  # which nobody knows
    is_installed = True
    module_name = __name__

    def load(self) -> Reader:
        """Import the reader. Raise PluginError if that fails, and whenever it has failed before."""
        reader = _load(self.entry_point)
        if isinstance(reader, str):
            raise PluginError(f"needs {self.distribution}, which cannot be loaded: {reader}", transient=True)
        return reader

    def read(self, stream: BinaryIO, *_: object) -> Found | Iterator[Found]:
        """Return the one record of a stream, or an iterator of its records. Raise PluginError if the plug-in fails."""
        reader = self.load()
        with self._blamed():
            found = reader(stream)
            return _checked(found) if isinstance(found, Found) else self._each(found)

    def _each(self, found: Iterable[Found]) -> Iterator[Found]:
        with self._blamed():
            yield from map(_checked, found)

    @contextmanager
    def _blamed(self) -> Iterator[None]:
        """Raise PluginError, with the name of the distribution, for any error while the block runs."""
        try:
            yield
        except MemoryError:
            raise PluginError(f"{NEEDS_MEMORY}, being read by {self.distribution}", transient=False) from None
        except (Exception, SystemExit) as error:
            is_of_system = isinstance(error, OSError) and error.errno is not None
            reason = f"cannot be read by {self.distribution}: {_describe(error)}"
            raise PluginError(reason, transient=is_of_system) from error


class Plugins:
    """The plug-ins by suffix, and a sentence for each entry point that is none of them."""

    def __init__(self, readers: Mapping[str, Plugin], problems: tuple[str, ...]) -> None:
        self.readers = readers
        self.problems = problems

    @cached_property
    def versions(self) -> dict[str, str]:
        """The plug-in and its version for each suffix that one reads."""
        readers = sorted(self.readers.items())
        return {suffix: f"{plugin.distribution}: {plugin.entry_point.value}" for suffix, plugin in readers}


def find_plugins(own: Collection[str]) -> Plugins:
    """Return the plug-ins that are installed, without importing them.

    A suffix in `own` stays with the reader that searchsvc has. Of several plug-ins for a suffix, the first by name counts.
    """
    readers: dict[str, Plugin] = {}
    problems = []
    try:
        offered = sorted(map(_plugin, entry_points(group=GROUP)), key=_order)
    except Exception as error:  # noqa: BLE001  metadata of distributions may be damaged in any way
        return Plugins({}, (f"plug-ins cannot be listed: {_describe(error)}",))
    for plugin in offered:
        offer = f"{plugin.distribution} offers a reader of {plugin.suffix or repr(plugin.entry_point.name)}"
        if not plugin.suffix:
            problems.append(f"{offer}, which is no suffix")
        elif plugin.suffix in own:
            problems.append(f"{offer}, which is not used: searchsvc reads these files itself")
        elif plugin.suffix in readers:
            problems.append(f"{offer}, which is not used: {readers[plugin.suffix].distribution} reads these files")
        else:
            readers[plugin.suffix] = plugin
    return Plugins(readers, tuple(problems))


def _plugin(entry_point: EntryPoint) -> Plugin:
    distribution = entry_point.dist
    named = f"{distribution.name} {distribution.version}" if distribution is not None else entry_point.value
    return Plugin(_suffix(entry_point.name), _line(named), entry_point)


def _order(plugin: Plugin) -> tuple[str, str]:
    return plugin.distribution.lower(), plugin.entry_point.value


def _suffix(name: str) -> str:
    """Return a suffix as files have it, or "" if the name is none."""
    found = _SUFFIX.fullmatch(name.lower())
    return f".{found[1]}" if found is not None else ""


@cache
def _load(entry_point: EntryPoint) -> Reader | str:
    """Return a reader, or the reason why it cannot be imported."""
    try:
        reader: Reader = entry_point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001  importing a module runs it
        return _describe(error)
    return reader if callable(reader) else f"{entry_point.value} is no function"


def _checked(found: Found) -> Found:
    """Return what a plug-in has found as this package knows it. Raise TypeError or ValueError if it is something else."""
    match found:
        case Record():
            texts = _Texts()
            fields, provenance = texts.plain(dict(found.fields)), texts.plain(dict(found.provenance))
            return Record(fields, provenance, bool(found.is_decoded))
        case ReadFailure():
            return ReadFailure(_line(found.reason), transient=bool(found.transient))
        case ReadNote():
            return ReadNote(_line(found.text))
    raise TypeError(f"it gives a {type(found).__name__} instead of a Record")


class _Texts:
    """Copies values to plain ones, which other processes and the index can hold, and adds up the length of their texts."""

    def __init__(self) -> None:
        self._characters = 0

    def plain(self, value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self._text(value)
            case dt.date():
                return value.isoformat()
            case Mapping():
                return {self._text(str(name)): self.plain(each) for name, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.plain(each) for each in value]
        raise TypeError(f"a {type(value).__name__} is no value of a field")

    def _text(self, text: str) -> str:
        self._characters += len(text)
        if self._characters > MAX_RECORD_CHARACTERS:
            raise ValueError(f"a record has more than {MAX_RECORD_CHARACTERS:,} characters")
        return text.encode("utf-8", "replace").decode()  # lone surrogates can be stored nowhere


def _line(text: Any) -> str:
    return " ".join(str(text).encode("utf-8", "replace").decode().split())[:500]


def _describe(error: BaseException) -> str:
    return _line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
