"""The schema of an index, and the translation of the library's errors.

| field        | holds                                             | for                                        |
|--------------|---------------------------------------------------|--------------------------------------------|
| `id`         | the article's id, as it is                        | getting and deleting one article           |
| `number`     | a number made of the id (fast)                    | scoring the best hits once more            |
| `text`       | stems of title and body                           | words, ranked as one field                 |
| `title`      | stems of the title, with positions                | `title:`, phrases, and a boost for titles  |
| `body`       | stems of the body, with positions                 | `body:` and phrases                        |
| `title_words`| words of the title as written                     | prefixes, wildcards, typing mistakes       |
| `body_words` | words of the body as written                      | the same, and a boost for exact forms      |
| `meta`       | every metadata value, exact (fast)                | filters and facets                         |
| `meta_words` | the words of every metadata value, with positions | `place:delhi`                              |
| `day`        | 20221223 (fast, indexed)                          | date ranges, the date facet by day         |
| `month`      | 202212 (fast)                                     | the date facet by month and year           |
| `instant`    | seconds by which it is sorted (fast)              | going on after an article                  |
| `order`      | instant and id, sortable as text (fast)           | newest and oldest first, in a total order  |
| `undated`    | the id of an article without a date (fast)        | the order among those, which come last     |
| `article`    | the article itself                                | hits                                       |
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import cast

from tantivy import DocAddress, Index, Schema, SchemaBuilder, Searcher, SearchResult

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.errors import EngineError, SearchsvcError
from searchsvc.model.article import Article, load

SCHEMA_VERSION = 3


def build_schema() -> Schema:
    """Return the schema of every index that this version writes."""
    fields = SchemaBuilder()
    fields.add_text_field("id", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("number", fast=True, indexed=True)
    fields.add_text_field("text", tokenizer_name="stems", index_option="freq")
    fields.add_text_field("title", tokenizer_name="stems", index_option="position")
    fields.add_text_field("body", tokenizer_name="stems", index_option="position")
    fields.add_text_field("title_words", tokenizer_name="words", index_option="basic")
    fields.add_text_field("body_words", tokenizer_name="words", index_option="freq")
    fields.add_json_field("meta", fast=True, tokenizer_name="raw", index_option="basic")
    fields.add_json_field("meta_words", tokenizer_name="words", index_option="position")
    fields.add_integer_field("day", fast=True, indexed=True)
    fields.add_integer_field("month", fast=True)
    fields.add_integer_field("instant", fast=True, indexed=True)
    fields.add_text_field("order", fast=True, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("undated", fast=True, tokenizer_name="raw", index_option="basic")
    fields.add_bytes_field("article", stored=True)
    return fields.build()


def register_tokenizers(index: Index, analyzer: Analyzer) -> None:
    """Register the analyzer's tokenizers. The index stores only their names."""
    index.register_tokenizer("stems", analyzer.stems)
    index.register_tokenizer("words", analyzer.words)


def meta_path(field: str, name: str) -> str:
    """Return the path of a metadata field in a JSON field, with dots and backslashes of its name escaped."""
    escaped = name.replace("\\", "\\\\").replace(".", "\\.")
    return f"{field}.{escaped}"


def meta_value(value: str) -> str:
    """Return a metadata value as it is indexed. The sign in front keeps Tantivy from parsing text as a date."""
    return f"={value}"


def number_of(article_id: str) -> int:
    """Return a number for an article, the same in every index. Collisions are as rare as those of 63-bit hashes."""
    return int.from_bytes(blake2b(article_id.encode(), digest_size=8).digest()) >> 1


def article_at(searcher: Searcher, address: DocAddress) -> Article:
    """Return the article at an address."""
    return load(cast(bytes, searcher.doc(address).get_first("article")))


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Raise EngineError for every exception of the library.

    A Rust panic arrives as pyo3's PanicException, a BaseException that no module exports. Untranslated, it would pass every
    `except Exception` above and end the worker.
    """
    try:
        yield
    except SearchsvcError:
        raise
    except Exception as error:
        raise EngineError(f"tantivy failed while {doing}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError(f"tantivy panicked while {doing}: {error}") from None


def total_of(result: SearchResult) -> int:
    """Return the total number of matches of a search that counts."""
    return int(result.count)  # type: ignore[attr-defined]  # the library's stubs leave it out
