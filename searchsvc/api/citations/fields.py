"""What every form of a citation says of an article."""

from searchsvc.api.links import web_address
from searchsvc.model.article import Article


def line(text: str) -> str:
    """Return a text as one line of printable characters."""
    printable = text if text.isprintable() else "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())


def address_of(article: Article, address: str) -> str:
    """Return the address of an article on the web, or `address` if it has none."""
    return line(web_address(article) or address)
