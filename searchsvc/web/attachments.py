"""Answers that browsers save as files (RFC 6266)."""

import re
from unicodedata import normalize
from urllib.parse import quote

from flask import Response


def attach(answer: Response, name: str) -> Response:
    """Have browsers save an answer as a file. Those that know no other letters get a name in ASCII."""
    names = (
        {"filename": name} if name.isascii() else {"filename": _ascii(name), "filename*": f"UTF-8''{quote(name, safe='')}"}
    )
    answer.headers.set("Content-Disposition", "attachment", **names)
    return answer


def _ascii(name: str) -> str:
    stem, dot, suffix = name.partition(".")
    plain = re.sub("-+", "-", normalize("NFKD", stem).encode("ascii", "ignore").decode()).strip("-")
    return (plain or "archive") + dot + suffix
