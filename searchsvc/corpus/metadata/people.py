"""Names of people beside their e-mail addresses, as messages, feeds and notes give them."""

import re

_ADDRESS = re.compile(r"[<\[(](?:mailto:)?[^\s<>()\[\]@]{1,100}@[^\s<>()\[\]@]{1,200}[>\])]", re.IGNORECASE)
_NAME_IN_BRACKETS = re.compile(r"\S{1,100}(?:@| at )\S{1,200} ?\((.{1,200})\)")


def name_of(person: str) -> str:
    """Return the name of `Jane Smith <jane@courier.example>`, or of `jane@courier.example (Jane Smith)`.

    Return the text as it is if it has no address, or nothing else.
    """
    if "@" not in person and " at " not in person:
        return person
    match = _NAME_IN_BRACKETS.fullmatch(person.strip())
    name = match[1] if match is not None else _ADDRESS.sub("", person)
    return " ".join(name.split()).strip("\"' ") or person
