"""Names of the site that a page belongs to, as the page itself says them, and titles without them."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

MAX_SEGMENTS = 12  # of one title

_SEPARATOR = re.compile(r" ?[|ǀ│¦]+ ?| (?:[•·»«›‹>/\\~*∣]+|[-–—]{1,3}|::) |: ")
_NO_LETTER = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"(?:the|der|die|das|le|la|les|el|il) ", re.IGNORECASE)
_SECOND_LEVEL = ("co", "com", "org", "net", "gov", "ac", "edu", "gob", "or", "ne")  # such as in .co.uk


class SiteNames:
    """The names of a site and of its host."""

    def __init__(self, names: Iterable[str], links: Iterable[str] = (), addresses: Iterable[str] = ()) -> None:
        """Collect the names that a page gives its site, the texts of links to its front page, and its addresses."""
        named = [*names]
        self._words = {tuple(_words(name)) for name in named} - {()}
        self._hosts = {comparable(host) for address in addresses for host in _host_names(address)}
        self._named = {comparable(name) for name in named} | self._hosts
        self._keys = (self._named | {comparable(link) for link in links}) - {""}

    def include(self, name: str) -> bool:
        """Return whether a text is a name of the site, whatever its case, punctuation and article."""
        return comparable(name) in self._keys

    def cut_from(self, title: str) -> str:
        """Return a title of single spaces without the name of the site at its end or at its start."""
        if self.include(title):
            return title
        breaks = [match.span() for match in _SEPARATOR.finditer(title)][-MAX_SEGMENTS:]
        for end, begin in breaks:
            if end and self.include(title[begin:]):
                return self._cut_from_start(title[:end])
        if breaks and breaks[-1][0] and self._resembles(title[breaks[-1][1] :]):
            return title[: breaks[-1][0]]
        return self._cut_from_start(title)

    def _cut_from_start(self, title: str) -> str:
        match = _SEPARATOR.search(title)
        if match is None or match[0] == ": " or match.end() == len(title):
            return title
        return title[match.end() :] if comparable(title[: match.start()]) in self._named else title

    def _resembles(self, text: str) -> bool:
        """Return whether a text begins like a name of the site, as “Courier Online” if the site is the “Courier”."""
        words = tuple(_words(text))
        if not words:
            return False
        by_name = any(
            words[: len(name)] == name[: len(words)] and -4 < len(words) - len(name) < 3 and len(comparable(text)) > 3
            for name in self._words
        )
        return by_name or (len(words) < 3 and words[0] in self._hosts and len(words[0]) > 2)


def title_runs(title: str) -> Iterator[str]:
    """Yield a comparable form of each run of segments of a title of single spaces: `A`, `A – B`, `B` for `A – B`."""
    segments = _SEPARATOR.split(title)[:MAX_SEGMENTS]
    for begin in range(len(segments)):
        for end in range(begin + 1, len(segments) + 1):
            yield comparable("".join(segments[begin:end]))


def comparable(text: str) -> str:
    """Return the letters and digits of a title or a name, by which two can be compared."""
    letters = "".join(_words(text.replace("\xad", "")))
    return "".join(_words(_ARTICLE.sub("", text.replace("\xad", ""), count=1))) or letters


def words_of(title: str) -> set[str]:
    """Return the words of a title, by which similar titles can be found."""
    return {*_words(title)}


def _words(text: str) -> list[str]:
    return [*filter(None, _NO_LETTER.split(text.casefold()))]


def _host_names(address: str) -> Iterator[str]:
    """Yield the host of an address, and the part of it that is the site's own: `bbc.co.uk`, `bbc`."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return
    labels = host.removeprefix("www.").split(".")
    if len(labels) > 1:
        yield ".".join(labels)
        has_second_level = len(labels) > 2 and labels[-2] in _SECOND_LEVEL
        yield labels[-3 if has_second_level else -2]
