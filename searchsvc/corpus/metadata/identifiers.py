"""Identifiers and addresses, which are taken as they are written, and what they identify."""

import re
from hashlib import blake2b
from urllib.parse import urljoin, urlsplit

MAX_ID = 1_000  # characters of an article's id

_INDEX_PAGE = re.compile(r"/(?:index|default)\.[a-z]{2,5}", re.IGNORECASE)


def bounded(article_id: str) -> str:
    """Return an id of at most `MAX_ID` characters. A digest replaces the end of a longer one, so that it stays unique."""
    if len(article_id) <= MAX_ID:
        return article_id
    digest = blake2b(article_id.encode(), digest_size=16).hexdigest()
    return f"{article_id[: MAX_ID - len(digest) - 1]}~{digest}"


def resolve(address: str, base: str) -> str:
    """Return a relative address as an absolute one. Return it unchanged if it is malformed, or `base` is not absolute."""
    try:
        return urljoin(base, address) if is_absolute(base) else address
    except ValueError:
        return address


def is_absolute(address: str) -> bool:
    """Return whether an address begins with http or https and names a host."""
    return bool(_split(address)[0])


def names_article(address: str) -> bool:
    """Return whether an absolute address can be that of one article: it has more than the root path of its site."""
    host, path, query = _split(address)
    return bool(host and (query or (path.strip("/") and not _INDEX_PAGE.fullmatch(path))))


def _split(address: str) -> tuple[str, str, str]:
    """Return host, path and query of an absolute address, or empty texts if it is not absolute or malformed."""
    if "//" not in address:
        return "", "", ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", "", ""
    is_web = parts.scheme in ("http", "https") and parts.netloc
    return (parts.netloc, parts.path, parts.query) if is_web else ("", "", "")
