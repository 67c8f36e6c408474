"""An article as others cite it: BibTeX, RIS and CSL-JSON for programs, text in two styles for people, and tags of its page.

`address` is where the article is found if it has no address of its own on the web. It is "" if there is no such place.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from searchsvc.api.citations.bibtex import bibtex
from searchsvc.api.citations.csl import csl_json
from searchsvc.api.citations.ris import ris
from searchsvc.api.citations.styles import STYLES, Run
from searchsvc.api.citations.tags import json_ld, meta_tags
from searchsvc.model.article import Article

CitationFormat = Literal["bib", "ris", "csl.json"]
"""Formats of a citation, which are the suffixes of its address too."""
FORMATS: Mapping[CitationFormat, tuple[str, str, Callable[[Article, str], str]]] = {
    "bib": ("BibTeX", "application/x-bibtex", bibtex),
    "ris": ("RIS", "application/x-research-info-systems", ris),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json", csl_json),
}
"""The name, the media type and the writer of each format."""

__all__ = ["FORMATS", "STYLES", "CitationFormat", "Run", "json_ld", "meta_tags"]
