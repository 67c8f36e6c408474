"""Reading of JSON value by value, so that a file of any size needs little memory, and a fault costs one value.

It takes more than the standard allows: several values one after the other, NaN and Infinity, which count as null, control
characters in strings, lone surrogates, and commas before the end of a list or object.
"""

import json
import re
from typing import Any, Protocol

import orjson

from searchsvc.corpus.budget import NEEDS_MEMORY

MAX_CHARACTERS = 20 * 2**20  # of one value
_PIECE = 2**20
_KEPT = 2**16  # characters before the position
_LONGEST_INDENT = 100  # characters
_LONGEST_BEGIN = 1_000  # characters of what marks the beginning of a value
_CUT = 16  # characters before the end of what was read in which a fault may be due to the cut: a literal or an escape

PATIENT_DECODER = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
_BETWEEN = re.compile(r"[\s,\x1e\ufeff]*+")  # also the marks of JSON text sequences (RFC 7464) and of joined files
_TRAILING_COMMA = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")|,(?=\s*+[}\]])', re.DOTALL)
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]', re.DOTALL)
_WORD = re.compile(r'(?:[^,\[\]{}"]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")++', re.DOTALL)  # such as `undefined` or `ObjectId("5f")`
_LONGEST_LINE = 2**17  # characters of a line in which a value is looked for
_LONG_NUMBER = 2.0**63
_MAX_SURE_DEPTH = 50
_UNSURE_TYPES = (float, dict, list)
_OPEN_STRING = "Unterminated string"  # the beginning of the decoder's message
_CLOSING = re.compile(r"[,\]}]")
_LINE_OF_VALUE = re.compile(r"\n(?=[{\[])")
_FIRST_KEY = re.compile(r'\{\s*+("(?:[^"\\]|\\.){1,100}+")\s*+:')


class FaultyValueError(Exception):
    """A value is not JSON, or too long."""


class HugeValueError(FaultyValueError):
    """A value needs too much memory, though there is nothing wrong with it."""


class TextSource(Protocol):
    """A text that is read piece by piece."""

    def read(self, size: int, /) -> str:
        """Return about as many of the next characters, or "" at the end."""


class JsonReader:
    """A position in a text of JSON, of which only the current piece is in memory."""

    def __init__(self, text: TextSource, head: str = "") -> None:
        self._source = text
        self._text = head
        self._at = 0
        self._is_by_line = True  # as far as is known, each value is alone in its line
        self._finds_ends = True  # of faulty values; the one whose end is missing may reach to the end of the text

    def peek(self) -> str:
        """Return the character with which the next value, name or end begins. Return "" at the end of the text."""
        while True:
            self._at = _BETWEEN.match(self._text, self._at).end()  # type: ignore[union-attr]  # it matches anywhere
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def step(self) -> None:
        """Pass over the one character that `peek` has returned."""
        self._at += 1

    def name(self) -> str:
        """Return the name of the next member of an object, and pass over it and its colon."""
        name = self.value() if self.peek() == '"' else None
        if not isinstance(name, str) or self.peek() != ":":
            raise FaultyValueError("is not JSON: a name and a colon are missing in an object")
        self.step()
        return name

    def value(self) -> Any:
        """Return the next value, and pass over it. Raise FaultyValueError, at the position before it, if it is not JSON."""
        value, self._at = self._parse()
        self._forget()
        return value

    def preview(self) -> Any:
        """Return the next value without passing over it. Raise FaultyValueError if it is not JSON."""
        return self._parse()[0]

    def skip(self) -> str:
        """Pass over the next value, also if it is faulty. Return its fault, or "" if it has none.

        Raise FaultyValueError, at the position before it, if the end of a faulty value is not found.
        """
        try:
            self.value()
        except FaultyValueError as error:
            if not self._pass_to_end():
                raise
            return str(error)
        return ""

    def leave(self) -> None:
        """Pass over the rest of the list or object around the position. Raise FaultyValueError if its end is not found."""
        if not self._pass_to_end(depth=1):
            raise FaultyValueError("is not JSON: the end of a list or an object is missing")

    def _pass_to_end(self, depth: int = 0) -> bool:
        """Pass over a faulty value, or over the rest of so many around the position. Return whether the end was found."""
        end = 0
        while self._finds_ends and not end:
            if depth or self._text.startswith(("[", "{"), self._at):
                end = _end_of_value(self._text, self._at, depth)
            elif (word := _WORD.match(self._text, self._at)) is not None and word.end() < len(self._text):
                end = word.end()
            self._finds_ends = bool(end) or self._read_more()
        self._at = end or self._at
        self._forget()
        return bool(end)

    def skip_lines(self) -> None:
        """Pass over the rest of the line and all lines that do not begin with a list or an object."""
        self._pass_to(_LINE_OF_VALUE)

    def _parse(self) -> tuple[Any, int]:
        """Return the next value, and the position of its end."""
        if self._is_by_line and (found := self._parse_line()) is not None:
            return found
        while True:
            try:
                value, end = PATIENT_DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not (self._may_be_cut(error) and self._read_more()):
                    raise FaultyValueError(self._describe(error)) from None
            except RecursionError:
                raise FaultyValueError("is not JSON: it is nested too deeply") from None
            except MemoryError:
                raise HugeValueError(NEEDS_MEMORY) from None
            except ValueError as error:  # a number of thousands of digits
                raise FaultyValueError(f"is not read: {error}") from None
            else:
                if end < len(self._text) or not self._read_more():  # a number may go on
                    return value, end

    def _parse_line(self) -> tuple[Any, int] | None:
        """Return a value that is alone in its line, as most are, by a faster reader. Return None if it is not."""
        end = self._text.find("\n", self._at, self._at + _LONGEST_LINE)
        line = self._text[self._at : end].rstrip(", \t\r") if end >= 0 else ""
        if not line.endswith(("}", "]")):
            return None
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:  # it goes on in the next line, or is JSON only to a more patient reader
            self._is_by_line = False
            return None
        return None if may_be_rounded(value) else (value, self._at + len(line))

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.pos >= len(self._text) - _CUT or error.msg.startswith(_OPEN_STRING)

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Return whether a fault is due to the end of the text. Behind other faults there is a bracket or a comma."""
        return self._may_be_cut(error) and (
            error.msg.startswith(_OPEN_STRING) or not _CLOSING.search(self._text, error.pos)
        )

    def _describe(self, error: json.JSONDecodeError) -> str:
        if len(self._text) - self._at > MAX_CHARACTERS:
            return f"is a record of more than {MAX_CHARACTERS // 2**20} MiB"
        if self._is_cut(error):
            return "is not JSON: it is truncated"
        return f"is not JSON: {error.msg}"

    def _read_more(self) -> bool:
        """Read as much again as there is, so that a long value is parsed a few times only. Return whether any is left."""
        rest = self._text[self._at :]
        piece = self._source.read(max(_PIECE, len(rest))) if len(rest) <= MAX_CHARACTERS else ""
        if piece:
            self._text, self._at = rest + piece, 0
        return bool(piece)

    def first_key(self) -> str:
        """Return the first name of the object at the position as it is written, or ""."""
        match = _FIRST_KEY.match(self._text, self._at)
        return match[1] if match else ""

    def indent(self) -> str:
        """Return the spaces between the line's beginning and the position, or "x" if there is something else."""
        line = self._text[max(0, self._at - _LONGEST_INDENT) : self._at]
        begin = line.rfind("\n") + 1
        is_indent = not line[begin:].strip() and (begin > 0 or len(line) < _LONGEST_INDENT)
        return line[begin:] if is_indent else "x"

    def recover(self, key: str, indent: str, *, is_huge: bool = False) -> Any:
        """Pass over a faulty value to where the next one begins, with the same first name or in a line of the same indent.

        Return the value if it is right without its trailing commas, else None. A huge one is not tried again.
        """
        begins = [f"\n{re.escape(indent)}(?=[{{\\[])"] if not indent.strip() else []
        begins += [rf"[,\[}}\]\n][ \t\r]*+(?=\{{\s*+{re.escape(key)}\s*+:)"] if key else []
        begin = re.compile("|".join(begins)) if begins else _LINE_OF_VALUE
        faulty = self._pass_to(begin)
        if is_huge:
            return None
        end = _end_of_value(faulty)
        try:
            value = json.loads(_TRAILING_COMMA.sub(lambda match: match[1] or "", faulty[:end]), strict=False)
        except (ValueError, RecursionError):
            return None  # it has another fault
        self._at -= len(faulty) - end
        self._forget()
        return value

    def _forget(self) -> None:
        """Drop what has been passed over, if it is much: describing a fault takes time in proportion to it."""
        if self._at > max(_KEPT, len(self._text) // 4):
            self._text, self._at = self._text[self._at - _LONGEST_INDENT :], _LONGEST_INDENT

    def _pass_to(self, begin: re.Pattern[str]) -> str:
        """Pass over everything up to the end of a match, or of the text. Return it, or only the end if it is very long."""
        searched = self._at + 1
        while (match := begin.search(self._text, searched)) is None:
            if len(self._text) - self._at > MAX_CHARACTERS:
                self._at = len(self._text) - _LONGEST_BEGIN
            searched = max(1, len(self._text) - self._at - _LONGEST_BEGIN)
            if not self._read_more():
                break
        end = match.end() if match else len(self._text)
        passed, self._at = self._text[self._at : end], end
        return passed


def may_be_rounded(value: Any, depth: int = 0) -> bool:
    """Return whether orjson may have rounded a number, as it does with integers of over 64 bits, or the value is deep."""
    if isinstance(value, float):
        return abs(value) >= _LONG_NUMBER
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in members:
        if type(each) in _UNSURE_TYPES and (depth == _MAX_SURE_DEPTH or may_be_rounded(each, depth + 1)):
            return True
    return False


def _end_of_value(text: str, begin: int = 0, depth: int = 0) -> int:
    """Return the position at which the brackets that a text opens from `begin` on, and `depth` others, are closed, or 0."""
    for token in _TOKEN.finditer(text, begin):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth == 0 and token[0] in "]}":
            return token.end()
    return 0
