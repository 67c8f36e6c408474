"""Metadata: from the fields of a record, and from wire copy, to the fields of an article.

`extract_article` finds out which of a record's names mean which article field, parses dates, names and lists, and reads the
datelines and credits of news agencies. It knows no file formats: see searchsvc.corpus.formats.
"""

from searchsvc.corpus.metadata.datelines import parse_dateline
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date
from searchsvc.corpus.metadata.field_mapping import DEFAULT_MAPPER, NoTextError, extract_article

__all__ = ["DEFAULT_MAPPER", "NoTextError", "PublicationDate", "extract_article", "parse_date", "parse_dateline"]
