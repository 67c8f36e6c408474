"""Parsers of the values of settings. Each raises ValueError with the end of the sentence “it must be …”."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from searchsvc.hosts import canonical_host
from searchsvc.model.languages import LANGUAGES, PAGE_LANGUAGES, named_language

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and bytes of the environment that are no UTF-8."""


@dataclass(frozen=True, slots=True)
class Integer:
    """A parser of whole numbers in a range."""

    least: int
    most: int

    def __call__(self, text: str) -> int:
        number = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else self.least - 1
        if not self.least <= number <= self.most:
            raise ValueError(f"a whole number from {self.least} to {self.most}")
        return number


@dataclass(frozen=True, slots=True)
class OneOf:
    """A parser of some words."""

    choices: tuple[str, ...]

    def __call__(self, text: str) -> str:
        if text not in self.choices:
            raise ValueError(f"one of {', '.join(self.choices)}")
        return text


def matching(pattern: str, expected: str) -> Callable[[str], str]:
    """Return a parser of texts that match a pattern."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return parse


def list_matching(pattern: str, expected: str) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of lists whose items match a pattern."""

    def parse(text: str) -> tuple[str, ...]:
        return tuple(map(matching(pattern, expected), comma_separated(text)))

    return parse


def host(text: str) -> str:
    """Parse an address or a host name to listen on."""
    try:
        return canonical_host(text).strip("[]")
    except ValueError:  # gunicorn would take an empty one for all interfaces
        raise ValueError("an address such as 127.0.0.1 or ::1, without a port") from None


def host_names(text: str) -> tuple[str, ...]:
    """Parse a list of host names. A leading dot stands for all names below."""
    expected = "host names such as archive.example, without a scheme, port or path"
    try:
        names = tuple(map(_host_name, comma_separated(text)))
    except ValueError:
        raise ValueError(expected) from None
    if not names:
        raise ValueError(expected)
    return names


def _host_name(text: str) -> str:
    return "." * text.startswith(".") + canonical_host(text.removeprefix("."))


def comma_separated(text: str) -> tuple[str, ...]:
    """Parse a list, without its empty items."""
    if _CONTROL.search(text):
        raise ValueError("a list without control characters")
    return tuple(filter(None, (item.strip() for item in text.split(","))))


def languages(text: str) -> tuple[str, ...]:
    """Parse names or codes of languages, separated by commas."""
    names = [named_language(part.lower()) for part in comma_separated(text)]
    if None in names:
        raise ValueError(f"languages separated by commas, from {', '.join(LANGUAGES)}")
    return tuple(dict.fromkeys(filter(None, names)))


def urls(text: str) -> tuple[str, ...]:
    """Parse a list of URLs without user names and paths."""
    # An empty list is no list of URLs: it is parsed as one empty URL, which does not match.
    expected = "URLs such as https://node1.example:9200, without a user name or path"
    return tuple(map(matching(r"https?://[A-Za-z0-9.\[\]:-]+/?", expected), comma_separated(text) or ("",)))


def line(text: str) -> str:
    """Parse a text of one line. White space is reduced."""
    joined = " ".join(text.split())
    if len(text) > 1_000 or _CONTROL.search(joined):
        raise ValueError("at most 1,000 characters long, without control characters")
    return joined


def title(text: str) -> str:
    """Parse a line that is not empty."""
    if not text.strip():
        raise ValueError("a name, such as Archive")
    return line(text)


def path(text: str) -> Path:
    """Parse the path of a folder, which need not exist."""
    # Path("") would be the working directory, and a space or a line break at an end is a slip of an editor or a shell.
    if not text or text != text.strip() or "\0" in text:
        raise ValueError("the path of a folder, without spaces around it")
    return Path(text)


def log_file(text: str) -> str:
    """Parse the path of a log file, - for standard output, or nothing for none."""
    if text != text.strip() or "\0" in text:
        raise ValueError("the path of a file, without spaces around it, or - for standard output")
    return text


def existing_file(text: str) -> Path | None:
    """Parse the path of a file. Return None for none."""
    if text and not Path(text).is_file():
        raise ValueError("the path of a file that exists")
    return Path(text) if text else None


def existing_folder(text: str) -> Path | None:
    """Parse the path of a folder. Return None for none."""
    if text and not Path(text).is_dir():
        raise ValueError("the path of a folder that exists")
    return Path(text) if text else None


def mail_host(text: str) -> str:
    """Parse the name or address of a mail server, or nothing for none."""
    if not text:
        return ""
    try:
        return canonical_host(text).strip("[]")
    except ValueError:
        raise ValueError("the name of a mail server, such as smtp.paper.example, without a port") from None


public_url = matching(
    r"(https?://[A-Za-z0-9.\[\]:-]+(/[!-~]*[!-.0-~])?)?",
    "an address such as https://archive.example or https://paper.example/archive, without a slash at its end",
)
mail_address = matching(r"([A-Za-z0-9._+-]+@[A-Za-z0-9][A-Za-z0-9.-]*)?", "an address such as archive@paper.example")
colour = matching(r"(#[0-9a-fA-F]{6})?", "a hexadecimal colour, such as #27548a")
token = matching(r"[!-~]{16,}", "at least 16 printable ASCII characters, without spaces")
rate = matching(r"[1-9]\d{0,8}/(second|minute|hour|day)", "a number per second, minute, hour or day, such as 100/minute")
origins = list_matching(
    r"\*|https?://[A-Za-z0-9.-]+(:\d{1,5})?", "origins without a path, such as https://news.example, or * for any"
)
page_language = matching(f"({'|'.join(PAGE_LANGUAGES)})?", f"one of {', '.join(PAGE_LANGUAGES)}")
feed_id = matching(
    r"((?:[A-Za-z0-9._-]+@)?[A-Za-z0-9][A-Za-z0-9.-]*,[12][0-9]{3}(?:-[0-9]{2}(?:-[0-9]{2})?)?)?",
    "a domain or an address of e-mail that is yours, and a year in which it was, such as archive.example,2026",
)
index_name = matching(
    r"[a-z0-9][a-z0-9_-]{0,99}", "at most 100 lower-case letters, digits, - and _, beginning with a letter or digit"
)
