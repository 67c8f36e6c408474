"""Heads of messages that were saved as text: of newsgroups and mailing lists, and of e-mail as programs print it."""

import re
from collections.abc import Iterator
from typing import Any

from searchsvc.corpus.formats.mime import decode_words
from searchsvc.corpus.metadata.people import name_of
from searchsvc.model.languages import MARKS

MAX_HEAD = 200  # lines

_LINE = re.compile(rf"([^\W\d_][\w{MARKS} -]{{0,40}}?)[ \t\xa0]?:(?:[ \t\xa0]+(.*))?")
_ENVELOPE = re.compile(r"From \S+ .*\d{4}\n")
_NAMES = {
    "author": "from von de da van från fra od от lähettäjä gönderen 发件人 寄件者 差出人 보낸사람",
    "title": (
        "subject betreff objet asunto oggetto onderwerp ämne emne assunto temat předmět тема aihe konu 主题 主旨 件名 제목"
    ),
    "date": (
        "date sent datum gesendet envoyé fecha enviado data inviato verzonden skickat sendt wysłano дата отправлено "
        "lähetetty tarih 发送时间 日期 送信日時 日時 날짜 보낸날짜"
    ),
    "tag": "keywords",
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names.split()}
_TECHNICAL = re.compile(
    r"(?:to|cc|bcc|an|kopie|à|para|aan|a|till|til|do|komu|кому|копия|vastaanottaja|kime|收件人|抄送|宛先|받는사람|"
    r"sender|reply-to|return-path|delivered-to|received|message-id|references|in-reply-to|path|lines|xref|mime-version|"
    r"user-agent|followup-to|distribution|approved|supersedes|expires|status|precedence|importance|priority|"
    r"(?:x|nntp|content|list|dkim|arc|resent|thread|original)-.*)"
)
"""Headers that say how a message went, or to whom, and nothing of its text."""
_PROOF = ("author", "title", "date")
_ENCODED = re.compile(r"=\?[\w-]+\?[bq]\?", re.IGNORECASE)


def split_message_head(text: str) -> tuple[dict[str, Any], str] | None:
    """Return the fields of the message that a text is, and its text. Return None if the text is no message.

    Two of sender, subject and date prove one. The lines of the head that give addresses, or are notes of the programs that
    passed the message on, are left out.
    """
    position = len(text) - len(text.lstrip("\n"))
    envelope = _ENVELOPE.match(text, position)
    end = text.find("\n\n", position)
    head = text[envelope.end() if envelope else position : end if end >= 0 else len(text)].split("\n")
    fields = _read_head(head[:MAX_HEAD]) if len(head) <= MAX_HEAD else {}
    if sum(field in fields for field in _PROOF) < 2:
        return None
    return fields, text[end + 2 :] if end >= 0 else ""


def _read_head(lines: list[str]) -> dict[str, Any]:
    """Return the fields of a head by their names here. Return {} if a line belongs to no header."""
    fields: dict[str, list[str]] = {}
    last = ""
    for line in lines:
        header = _LINE.fullmatch(line)
        if line[:1] in " \t" and last:
            fields[last][-1] += f" {line.strip()}"
        elif header is None:
            return {}
        else:
            last = _FIELDS.get(header[1].casefold(), header[1])
            fields.setdefault(last, []).append((header[2] or "").strip())
    told = {name: [*_told(name, values)] for name, values in fields.items() if not _TECHNICAL.fullmatch(name.casefold())}
    return {name: values if len(values) > 1 else values[0] for name, values in told.items() if values}


def _told(name: str, values: list[str]) -> Iterator[str]:
    """Yield the values that are kept: an address only as the author, where there is no name."""
    for written in filter(None, values):
        value = decode_words(written) if _ENCODED.search(written) else written
        if name == "author":
            yield name_of(value)
        elif name in _NAMES or "@" not in value:
            yield value
