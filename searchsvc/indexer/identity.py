"""Which records are the same article, and under which id each article is indexed.

The answer depends on the corpus alone, never on the order in which files appear or are read. Records with one id form a
group. Records of one file in a group are one article, of which the last record counts. Records of several files are one
article if the id is plainly that of one article wherever it occurs, such as its address or a UUID, or if their texts are
equal. Of each article, the last record is indexed. The article that comes first in the corpus keeps the id, and every other
one is indexed under an alias.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b

from searchsvc.corpus import SUFFIXES, is_put, names_article, suffix
from searchsvc.index import ArticleRow
from searchsvc.model.aliases import alias
from searchsvc.model.article import Article

MIN_TITLES = 3  # of pages that declare one address, from which on it is taken to be none of theirs
_OTHERS = frozenset(SUFFIXES) - {".html", ".htm", ".xhtml", ".mhtml", ".mht", ".warc", ".arc"}  # that hold no pages
_UUID = re.compile(r"(?:urn:uuid:|\{)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_URI = re.compile(r"(?:urn:|tag:|doi:|ark:|hdl:|info:|10\.\d{4,9}/)[^\s@]+", re.IGNORECASE)
_TOKEN = re.compile(r"[0-9A-Za-z]{16,}")
_CHANGE = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")
_MIN_CHANGES = 4  # between letters and digits, which counters and dates in ids do not have


def precedence(path: str) -> int:
    """Return the precedence of a file: 1 for an uploaded article, which replaces any other with its id, else 0."""
    return 1 if is_put(path) else 0


def is_global(article_id: str) -> bool:
    """Return whether an id is that of one article wherever it occurs: an address, a UUID, a URN, or a random token."""
    if names_article(article_id) or _UUID.fullmatch(article_id) or _URI.fullmatch(article_id):
        return True
    return _TOKEN.fullmatch(article_id) is not None and len(_CHANGE.findall(article_id)) >= _MIN_CHANGES


def article_row(article: Article, path: str, number: int) -> ArticleRow:
    """Return the row of an article, which is record `number` of the file at `path`. It is not indexed yet."""
    return ArticleRow(precedence(path), path, number, article.id, article.path, _content(article), b"-")


def _content(article: Article) -> bytes:
    """Return a digest of the text if the id may be that of another article too.

    A web page may declare the address of another page, so its title counts. Of other global ids, nothing else does.
    """
    if not is_global(article.id):
        return _digest(article.title, article.body)
    is_page = article.id == article.url and suffix(article.path) not in _OTHERS
    return _digest(article.title) if is_page else b""


def _digest(*texts: str) -> bytes:
    return blake2b("\0".join(texts).encode(), digest_size=12).digest()


def assign_ids(group: Sequence[ArticleRow]) -> dict[str, ArticleRow]:
    """Return the row to be indexed under each id, given all rows of a group in order. A tombstone may be among them."""
    if len(group) == 1:
        return {group[0].id: group[0]}
    files = [row for row in group if not row.precedence]
    found = {}
    for rows in _articles(files):
        first = rows[0]
        found[first.id if first is files[0] else alias(first.id, first.member)] = rows[-1]
    if len(files) < len(group):
        found[group[-1].id] = group[-1]
    return found


def _articles(files: Sequence[ArticleRow]) -> list[list[ArticleRow]]:
    """Return the rows of each article in order."""
    is_one = bool(files) and is_global(files[0].id) and not _is_declared_by_many(files)
    found: dict[bytes, list[ArticleRow]] = {}
    for row in files:
        found.setdefault(b"" if is_one else row.content, []).append(row)
    return list(found.values())


def _is_declared_by_many(files: Sequence[ArticleRow]) -> bool:
    """Return whether an address is declared by pages of which most have titles of their own, as faulty templates do."""
    titles = [row.content for row in files if row.content]
    distinct = len(set(titles))
    return distinct >= MIN_TITLES and 2 * distinct > len(titles)
