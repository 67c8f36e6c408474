"""The command `search --batch`: a list of queries in, a table with the total and the first hits of each query out.

A file whose name ends in .csv or .tsv is a table, of which one column has the queries. Any other file, and standard input,
has one query in each line, so that quotation marks and commas in queries stay as they are. With `--column`, every file is a
table.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

import click

from searchsvc.api import parse_question, serialize
from searchsvc.api.exports import csv_line
from searchsvc.api.schema import Metadata
from searchsvc.config import Settings
from searchsvc.corpus.decoding import decode_stream
from searchsvc.errors import UserError
from searchsvc.query.nearest import nearest_name
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search import SearchService
from searchsvc.search.searcher import Searcher

STDIN = "-"
HEADERS = ("query", "queries", "q", "name", "names")
"""Names of a column of queries, if none is given. The first of these that a table has is read, wherever it stands."""
MAX_LINE = 100_000
"""Characters of a line. The rest of it is not read, and no query may be as long."""
_DELIMITERS = ",;\t|"
_NEAR = 60  # percent
_COLUMNS = ("line", "query", "total", "hit", "id", "title", "date", "source", "url", "notes", "error")
Pair = tuple[str, str]


class Query(NamedTuple):
    """A query of the list, and the number of the line in which it ends, from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """The answer to a query of the list. `first` is the rank of its hits. `error` says why there is no answer."""

    line: int
    query: str
    total: int | None = None
    first: int = 1
    results: tuple[Metadata, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None


class QueryList(NamedTuple):
    """The file that has the queries, or - for standard input, and the column of its table, if it is one."""

    file: str
    column: str | None = None


def query_list(words: Sequence[str], file: str | None, column: str | None) -> QueryList:
    """Return the list that options name. Raise UserError if they do not go together."""
    if file is None:
        raise UserError("--column names a column of the table that --batch reads: add --batch FILE", param="column")
    if words:
        raise UserError("--batch reads the queries from a file: leave out the words, or --batch", param="batch")
    return QueryList(file, column)


def run(settings: Settings, pairs: Sequence[Pair], listed: QueryList, *, as_json: bool) -> None:
    """Answer the queries of a file, all from one generation, and write the table to standard output row by row."""
    given = pairs if any(name == "per_page" for name, _ in pairs) else [*pairs, ("per_page", "1")]
    searcher = SearchService(settings).acquire()
    parse_question(given, searcher)  # a wrong option is no fault of each query
    rows = _CountedRows(_answer(searcher, query, given) for query in read_queries(*listed))
    with click.open_file("-", "wb") as stream:
        for line in json_lines(rows) if as_json else csv_lines(rows):
            stream.write(line)
        stream.flush()
    if rows.errors:
        have = "has an error" if rows.errors == 1 else "have errors"
        click.echo(f"searchsvc: {rows.errors:,} of the queries {have}: see the column error", err=True)


class _CountedRows:
    """Rows that are passed on, and the number of those with errors."""

    def __init__(self, rows: Iterator[BatchRow]) -> None:
        self._rows = rows
        self.errors = 0

    def __iter__(self) -> Iterator[BatchRow]:
        for row in self._rows:
            self.errors += row.error is not None
            yield row


def _answer(searcher: Searcher, query: Query, pairs: Sequence[Pair]) -> BatchRow:
    shown = query.text[:MAX_QUERY]
    try:
        question = parse_question([("q", query.text), *pairs], searcher)
    except UserError as error:
        return BatchRow(query.line, shown, error=str(error))
    request = replace(question.request, versions="all", facets=(), date_facet=False, snippets=0)
    answer = searcher.search(replace(question, request=request), with_help=False)
    hits = tuple(serialize.metadata(hit.article) for hit in answer.results.hits)
    notes = tuple(note.message for note in answer.notes)
    return BatchRow(query.line, shown, answer.results.total, _first_rank(request), hits, notes)


def _first_rank(request: SearchRequest) -> int:
    return (request.page - 1) * request.per_page + 1


def json_lines(rows: Iterable[BatchRow]) -> Iterator[bytes]:
    """Yield a line of JSON for each query."""
    for row in rows:
        yield serialize.to_json(row) + b"\n"


def csv_lines(rows: Iterable[BatchRow]) -> Iterator[bytes]:
    """Yield a header, and a line for each hit. A query without hits has one line."""
    rows = iter(rows)
    first = list(islice(rows, 1))  # a file that cannot be read gets no header
    yield csv_line(_COLUMNS).encode()
    for row in chain(first, rows):
        about, end = (row.line, row.query, _number(row.total)), ("; ".join(row.notes), row.error)
        hits = [_hit_cells(number, hit) for number, hit in enumerate(row.results, row.first)] or [("",) * 6]
        yield from (csv_line((*about, *hit, *end)).encode() for hit in hits)


def _number(total: int | None) -> str:
    return "" if total is None else str(total)  # 0 is a number too


def _hit_cells(number: int, hit: Metadata) -> tuple[object, ...]:
    return number, hit.id, hit.title, hit.date, hit.source, hit.url


def read_queries(file: str, column: str | None = None) -> Iterator[Query]:
    """Yield the queries of a file, or of standard input for -, without empty ones. Raise UserError for a wrong table."""
    with _open(file) as stream:
        text = decode_stream(stream)
        is_table = column is not None or Path(file).suffix.lower() in (".csv", ".tsv")
        found = _column(_read_rows(text), column) if is_table else _plain_lines(text)
        yield from (Query(line, query) for line, query in found if query)


def _open(file: str) -> BinaryIO:
    if file == STDIN:
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise UserError(f"--batch {file} cannot be read: {error.strerror}", param="batch") from error


def _plain_lines(text: TextIO) -> Iterator[Query]:
    return (Query(number, line.strip().lstrip("\ufeff")) for number, line in enumerate(_bounded_lines(text), start=1))


def _bounded_lines(text: TextIO) -> Iterator[str]:
    """Yield the lines of a text without what exceeds the limit of one, so that a text without lines takes no memory."""
    while line := text.readline(MAX_LINE):
        piece = line
        while len(piece) == MAX_LINE and not piece.endswith(("\n", "\r")):
            piece = text.readline(MAX_LINE)
        yield line


def _read_rows(text: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table, each with the number of the line in which it ends. Raise UserError if it is none."""
    lines = _bounded_lines(text)
    first = next(lines, "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(chain([first.removeprefix("\ufeff")], lines), delimiter=delimiter)
    try:
        yield from ((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise UserError(f"line {reader.line_num:,} of the table cannot be read: {error}", param="batch") from error


def _column(rows: Iterator[tuple[int, list[str]]], column: str | None) -> Iterator[Query]:
    """Yield the cells of the column with this number or name, or else with a usual name, or else of the first."""
    first = list(islice(rows, 1))
    names = [name.strip() for name in first[0][1]] if first else []
    position, has_header = _position(names, column)
    for line, row in rows if has_header else chain(first, rows):
        yield Query(line, row[position].strip() if position < len(row) else "")


def _position(names: list[str], column: str | None) -> tuple[int, bool]:
    """Return the position of a column, and whether the first row has the names of columns."""
    folded = [name.casefold() for name in names]
    if column is None:
        return next(((folded.index(name), True) for name in HEADERS if name in folded), (0, False))
    if column.casefold() in folded:
        return folded.index(column.casefold()), True
    if column.isascii() and column.isdigit() and 0 < int(column) <= max(1, len(names)):
        position = int(column) - 1
        return position, bool(folded) and folded[position] in HEADERS
    hint = nearest_name(column, names, _NEAR)
    advice = f"did you mean “{hint}”?" if hint else f"its columns are {', '.join(names[:20])}"
    raise UserError(f"the table has no column “{column}”; {advice}", param="column", hint=hint)
