"""Where the service is reached: the prefix and the origin with which all of its addresses begin."""

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a service, as one request reaches it, or without prefix and origin on the command line.

    `prefix` is the path below which it is mounted, percent-encoded, such as /archive; it is "" at the root of a host.
    `origin` is its scheme and host, such as https://news.example; it is "" if they are not known.
    """

    prefix: str = ""
    origin: str = ""

    def to(self, path: str) -> str:
        """Return the address of a path of the service. It begins with a slash."""
        return self.prefix + path

    def absolute(self, address: str) -> str:
        """Return an address of the service with scheme and host, for readers that have not come from one of its pages."""
        return self.origin + address


def article_path(article_id: str) -> str:
    """Return the path of an article's page."""
    return f"/article/{quote(article_id, safe='', errors='replace')}"


def values_path(field: str) -> str:
    """Return the path of the page with all values of a metadata field."""
    return f"/facets/{quote(field, safe='')}"


def versions_path(article_id: str) -> str:
    """Return the path of the page with all versions of an article."""
    return f"/versions/{quote(article_id, safe='', errors='replace')}"
