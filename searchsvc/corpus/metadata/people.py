"""Names of people beside their e-mail addresses, as messages, feeds and notes give them."""

import re

_ADDRESS = re.compile(r"[<\[(](?:mailto:)?[^\s<>()\[\]@]{1,100}@[^\s<>()\[\]@]{1,200}[>\])]", re.IGNORECASE)
_NAME_IN_BRACKETS = re.compile(r"\S{1,100}(?:@| at )\S{1,200} ?\((.{1,200})\)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


def name_of(person: str) -> str:
    """Return the name of `Jane Smith <jane@courier.example>`, or of `jane@courier.example (Jane Smith)`.

    Return the text as it is if it has no address, or nothing else.
    """
    if "@" not in person and " at " not in person:
        return person
    match = _NAME_IN_BRACKETS.fullmatch(person.strip())
    name = match[1] if match is not None else _ADDRESS.sub("", person)
    return _unquote(" ".join(name.split())).strip("\"' ") or person


def _unquote(name: str) -> str:
    """Return a name without the quotation marks around its beginning, in which a backslash protects others."""
    quoted = _QUOTED.match(name)
    return _ESCAPED.sub(r"\1", quoted[1]) + name[quoted.end() :] if quoted else name
