"""The schema of an index, and the translation of the library's errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from tantivy import Index, Query, Schema, SchemaBuilder, Searcher, SearchResult

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.errors import EngineError, SearchsvcError
from searchsvc.query.ast import TEXT_FIELDS

SCHEMA_VERSION = 8


def build_schema() -> Schema:
    """Return the schema of every index that this version writes."""
    fields = SchemaBuilder()
    fields.add_text_field("id", tokenizer_name="raw", index_option="basic")  # as it is, to get and delete one article
    fields.add_integer_field("number", fast=True, indexed=True)  # made of the id, to rescore the best hits
    for text_field in TEXT_FIELDS:  # words as written; queries look for all forms of their words
        fields.add_text_field(text_field, tokenizer_name="words", index_option="position")
    fields.add_json_field("meta", fast=True, tokenizer_name="raw", index_option="basic")  # values, for filters and facets
    fields.add_json_field("meta_words", tokenizer_name="words", index_option="position")  # words, for `place:delhi`
    fields.add_integer_field("day", fast=True, indexed=True)  # 20221223, for date ranges and the facet by day
    fields.add_integer_field("month", fast=True)  # 202212, for the facet by month and year
    fields.add_integer_field("instant", fast=True, indexed=True)  # seconds by which it is sorted, for cursors
    fields.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")  # instant and id, sortable
    fields.add_text_field("undated", fast=True, tokenizer_name="raw", index_option="basic")  # id, if without a date
    fields.add_text_field("language", tokenizer_name="raw", index_option="basic")  # by whose rules the article is searched
    fields.add_integer_field("versioned", indexed=True)  # 1 if the article has other versions
    fields.add_bytes_field("article", stored=True)  # the article itself, see stored_articles
    return fields.build()


def register_tokenizers(index: Index, analyzer: Analyzer) -> None:
    """Register the analyzer's tokenizer. The index stores only its name."""
    index.register_tokenizer("words", analyzer.words)


def meta_path(field: str, name: str) -> str:
    """Return the path of a metadata field in a JSON field, with dots and backslashes of its name escaped."""
    escaped = name.replace("\\", "\\\\").replace(".", "\\.")
    return f"{field}.{escaped}"


def meta_value(value: str) -> str:
    """Return a metadata value as it is indexed. The sign in front keeps Tantivy from parsing text as a date."""
    return f"={value}"


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Raise EngineError for every exception of the library."""
    try:
        yield
    except SearchsvcError:
        raise
    except Exception as error:
        raise EngineError(f"tantivy failed while {doing}: {error}") from error
    except BaseException as error:  # a Rust panic is pyo3's PanicException, which no module exports
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError(f"tantivy panicked while {doing}: {error}") from None


def count_documents(folder: Path) -> int:
    """Return the number of documents of an index. Deleted ones count until their segment is merged."""
    return sum(segment["max_doc"] for segment in orjson.loads((folder / "meta.json").read_bytes())["segments"])


def total_of(result: SearchResult) -> int:
    """Return the total number of matches of a search that counts."""
    return int(result.count)  # type: ignore[attr-defined]  # the library's stubs leave it out


def count(searcher: Searcher, query: Query) -> int:
    """Return the number of articles that match a query."""
    # Scoring them, which the library does even for one hit, takes half as long again or twice as long.
    return total_of(searcher.search(Query.const_score_query(query, 0.0), limit=1))
