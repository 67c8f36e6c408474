"""BibTeX: an entry that also Biber reads. Letters of all scripts stay as they are, in UTF-8."""

import re
from collections.abc import Iterator
from hashlib import blake2b
from unicodedata import normalize

from searchsvc.api.citations.fields import address_of, line
from searchsvc.api.citations.names import Name, names_of
from searchsvc.model.article import Article
from searchsvc.model.languages import language_tag

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPES = str.maketrans(
    {
        **{char: f"\\{char}" for char in "#$%&_"},
        # A brace counts for BibTeX even behind a backslash.
        **{"{": r"\textbraceleft{}", "}": r"\textbraceright{}", "\\": r"\textbackslash{}"},
        **{"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    }
)
_IN_ADDRESSES = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20"})


def bibtex(article: Article, address: str = "") -> str:
    """Return the entry of an article."""
    kind = "article" if article.source else "misc"
    fields = "".join(
        f"  {name} = {value},\n" for name, value in _fields(article, address) if value not in ("", "{}", "{{}}")
    )
    return f"@{kind}{{{key(article)},\n{fields}}}\n"


def key(article: Article) -> str:
    """Return the key of an article: author, year, and a digest of the id, so that no two articles share one."""
    names = names_of(article)
    readable = _ascii(names[0].family if names else article.source)[:20] or "article"
    year = f"{article.date.year}" if article.date else ""
    return f"{readable}{year}-{blake2b(article.id.encode('utf-8', 'replace'), digest_size=4).hexdigest()}"


def _ascii(text: str) -> str:
    return re.sub("[^a-z]", "", normalize("NFKD", text).lower())


def _fields(article: Article, address: str) -> Iterator[tuple[str, str]]:
    yield "author", f"{{{' and '.join(map(_name, names_of(article)))}}}"
    yield "title", f"{{{{{_escaped(article.title)}}}}}"  # in two braces, so that no style changes its capitals
    yield "journal", f"{{{_escaped(article.source)}}}"
    if article.date is not None:
        yield "year", f"{{{article.date.year:04}}}"
        yield "month", _MONTHS[article.date.month - 1]
        yield "day", f"{{{article.date.day}}}"
    yield "url", f"{{{address_of(article, address).translate(_IN_ADDRESSES)}}}"
    yield "language", f"{{{language_tag(article.language)}}}"
    yield "keywords", f"{{{_escaped(', '.join(article.tag))}}}"


def _name(name: Name) -> str:
    """Return a name as BibTeX parts it: von Last, Jr, First. What must not be parted is in braces."""
    if name.is_whole:
        return f"{{{_escaped(name.family)}}}"
    return _escaped(", ".join(filter(None, (name.last, name.suffix, name.given))))


def _escaped(text: str) -> str:
    return line(text).translate(_ESCAPES)
