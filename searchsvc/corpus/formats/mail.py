"""E-mail: one article a message, from single files (.eml, Apple Mail's .emlx) and from mailboxes (.mbox, RFC 4155)."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import BinaryIO

from searchsvc.corpus.formats.flowing_text import markup_text
from searchsvc.corpus.formats.mime import decode_words, header, lines, parse_message, part_text
from searchsvc.corpus.metadata.people import name_of
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

_FROM = b"From "
_QUOTED_FROM = re.compile(rb">+From ")
_FROM_LINE = re.compile(rb"From [^\r\n]{0,200}\d:\d\d")
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,100}[ \t]?:")
_USUAL_HEADER_LINE = re.compile(
    rb"(?:from|to|date|subject|return-path|received|message-id|delivered-to|mime-version|status|reply-to|x-[\w-]{1,60}|"
    rb"content-[\w-]{1,60}|list-[\w-]{1,60}|references|newsgroups|path):",
    re.IGNORECASE,
)
_LENGTH_LINE = re.compile(rb"[ \t]*(\d{1,12})[ \t]*\r?\n")
_TEXT_TYPES = ("text/plain", "text/html", "text/markdown", "text/enriched")
_BETWEEN_SENDERS = re.compile(r"(?<=>) ?[,;] ?")
_PLAIN_SHARE = 0.5  # of the words of the formatted text that the plain text must have to be the better one


def read_eml(stream: BinaryIO) -> Iterator[Record]:
    """Yield the record of a message."""
    yield _read_message(lines(stream))


def read_emlx(stream: BinaryIO) -> Iterator[Record]:
    """Yield the record of a message of Apple Mail: its length in a line, the message, and properties."""
    length = _LENGTH_LINE.fullmatch(stream.readline(100))
    if length is None:
        raise UserError("is not a message of Apple Mail: its first line is not a length")
    yield _read_message(_up_to(int(length[1]), lines(stream)))


def _up_to(size: int, message_lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in message_lines:
        if size <= 0:
            return
        yield line[:size]
        size -= len(line)


def read_mbox(stream: BinaryIO) -> Iterator[Record | ReadFailure]:
    """Yield the record of each message of a mailbox, and a failure for each one that cannot be read."""
    for number, numbered in groupby(_number_lines(lines(stream)), itemgetter(0)):
        message_lines = (line for _, line in numbered)
        if number == 0:
            if any(line.strip() for line in message_lines):
                yield ReadFailure("begins with text that belongs to no message")
            continue
        try:
            yield _read_message(message_lines)
        except UserError as error:
            yield ReadFailure(str(error))


def _number_lines(mailbox: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line with the number of its message. What comes before the first message has number 0.

    A message begins with a line `From …` after a blank one, with a header behind it. Texts have lines like this, too.
    """
    number, held, is_after_blank = 0, b"", True
    for line in mailbox:
        if held:
            if _begins_message(held, line):
                number += 1
            else:
                yield number, held
            held = b""
        if is_after_blank and line.startswith(_FROM):
            held = line
        else:
            yield number, line[1:] if _QUOTED_FROM.match(line) else line
        is_after_blank = not line.strip()
    if held:
        yield number, held


def _begins_message(from_line: bytes, following: bytes) -> bool:
    header_line = _HEADER_LINE if _FROM_LINE.match(from_line) else _USUAL_HEADER_LINE
    return header_line.match(following) is not None


def _read_message(message_lines: Iterable[bytes]) -> Record:
    """Return the record of a message. Raise UserError if the lines have no header of one."""
    message = parse_message(message_lines, _is_text)
    if not any(message[name] for name in ("From", "Sender", "Date", "Subject", "Message-ID", "Received")):
        raise UserError("is not an e-mail: it has no header with a sender, date or subject")
    subject = header(message, "Subject")
    sender = "From" if header(message, "From") else "Sender"
    body = _text(message)
    names = list(islice(_attachments(message), 1_000))
    found = {
        "id": (header(message, "Message-ID").strip("<> \t"), "the header Message-ID"),
        "title": (subject, "the header Subject"),
        "author": (_names(header(message, sender)), f"the header {sender}"),
        "date": (_date(header(message, "Date")), "the header Date"),
        "body": (body or subject, "the text of the message" if body else "the header Subject"),
        "attachments": (names, "the heads of the attachments"),
    }
    return Record.decoded(found)


def _is_text(kind: bytes) -> bool:
    return kind.startswith((b"multipart/", b"message/")) or kind.decode() in _TEXT_TYPES


def _names(senders: str) -> list[str]:
    """Return the names of senders. Addresses stand for missing names."""
    return [name for sender in _BETWEEN_SENDERS.split(senders) if (name := name_of(sender).strip("<>\"' "))]


def _date(text: str) -> datetime | str:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return text


def _text(part: Message) -> str:
    """Return the readable text of a part and of those in it."""
    kind = part.get_content_type()
    if part.is_multipart():
        return _text_of_children(kind, [child for child in part.get_payload() if isinstance(child, Message)])
    has_no_boundary = part.get_content_maintype() == "multipart"  # so that its parts cannot be told apart
    if not (kind in _TEXT_TYPES or has_no_boundary) or part.get_content_disposition() == "attachment":
        return ""
    text = part_text(part)
    return markup_text(text) if kind in ("text/html", "text/enriched") else text.strip()


def _text_of_children(kind: str, children: list[Message]) -> str:
    if kind == "message/delivery-status":
        return ""
    if kind == "multipart/related":
        return _text(children[0]) if children else ""
    if kind == "message/rfc822":
        return "\n\n".join(filter(None, (text for child in children for text in (header(child, "Subject"), _text(child)))))
    texts = [text for child in children if (text := _text(child))]
    if kind == "multipart/alternative" and texts:
        plain, rich = texts[0], texts[-1]
        return plain if len(plain.split()) >= _PLAIN_SHARE * len(rich.split()) else rich
    return "\n\n".join(texts)


def _attachments(message: Message) -> Iterator[str]:
    return (decode_words(name) for part in message.walk() if (name := part.get_filename()))
