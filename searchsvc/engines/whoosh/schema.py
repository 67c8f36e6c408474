"""The fields of an index, and the guard around every call into the library.

| field         | holds                                            | for                                        |
|---------------|--------------------------------------------------|--------------------------------------------|
| `id`          | the article's id, as it is                       | getting and deleting one article           |
| `key`         | day, instant and id, by document                 | dates, orders                              |
| `title`       | stems of the title, with positions               | words, phrases, ranking                    |
| `body`        | stems of the body, with positions                | the same                                   |
| `title_words` | words of the title as written                    | prefixes, wildcards, typing mistakes       |
| `body_words`  | words of the body as written                     | the same, and a boost for exact forms      |
| `meta`        | name and value of every metadata value           | filters, facets, words of metadata         |
| `article`     | the article itself                               | hits                                       |

Whoosh gets terms, not text: what a word is, is the analyzer's to say. Its schema is unpickled when an index is opened, so
that the index folder has to stay private to the service.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from whoosh import columns, fields, formats

from searchsvc.analysis.phrases import positions_of
from searchsvc.errors import EngineError, SearchsvcError

SCHEMA_VERSION = 1
UNDATED = -1

Indexed = Iterator[tuple[bytes, int, float, bytes]]
"""Term, how often it stands there, its weight, and its posting's data."""


class Placed(fields.FieldType):
    """Terms with their positions."""

    def __init__(self) -> None:
        super().__init__(formats.Positions(), None, scorable=True)

    def index(self, value: Sequence[str], **_: Any) -> Indexed:
        """The postings of one text, given as its terms in order."""
        for term, positions in positions_of(value).items():
            yield term.encode(), len(positions), float(len(positions)), self.format.encode(positions)


class TermCount(fields.FieldType):
    """Terms and how often each stands in a text."""

    def __init__(self) -> None:
        super().__init__(formats.Frequency(), None, scorable=True)

    def index(self, value: Sequence[str], **_: Any) -> Indexed:
        """The postings of one text, given as its terms."""
        for term, number in Counter(value).items():
            yield term.encode(), number, float(number), formats.pack_uint(number)


class Key(fields.FieldType):
    """Bytes by document, not searched."""

    indexed = False

    def __init__(self) -> None:
        super().__init__(formats.Existence(), None)
        self.column_type = columns.VarBytesColumn()


def build_schema() -> fields.Schema:
    """The schema of every index that this version writes."""
    placed = {name: Placed() for name in ("title", "body")}
    counted = {name: TermCount() for name in ("id", "title_words", "body_words", "meta")}
    return fields.Schema(key=Key(), article=fields.STORED(), **placed, **counted)


def meta_term(name: str, value: str) -> str:
    """A metadata value as it is indexed."""
    return f"{name}\x00{value}"


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Let nothing but our own errors out of the library."""
    try:
        yield
    except SearchsvcError:
        raise
    except Exception as error:
        raise EngineError(f"whoosh failed while {doing}: {error!r}") from error
