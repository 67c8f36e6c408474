"""E-mail: messages and mailboxes."""

import base64
import datetime as dt
import tracemalloc
from email.message import EmailMessage

import pytest

from searchsvc.corpus import ReadFailure, read_file
from searchsvc.corpus.decisions import listening
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read, read_one

HEAD = (
    "Return-Path: <ann@harbour.example>\nFrom: =?utf-8?B?w4ltaWxpZQ==?= Weaver <ann@harbour.example>\n"
    "To: all@harbour.example\nSubject: =?iso-8859-1?Q?R=E9union_du?=\n =?iso-8859-1?Q?_conseil?=\n"
    "Date: Fri, 2 Jul 2021 10:00:00 +0200\nMessage-ID: <20210702.1@harbour.example>\n"
)
PLAIN = HEAD + "\nThe council meets on Friday.\n\nAll are welcome.\n"


def message(plain: str = "", html: str = "", **attachments: bytes) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "Ann Weaver <ann@harbour.example>", "Tea"
    made.set_content(plain)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in attachments.items():
        made.add_attachment(content, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return made.as_bytes()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_message_has_its_subject_sender_date_and_id(archive: Archive, newline: str) -> None:
    article = read_one(archive, "a.eml", PLAIN.replace("\n", newline).encode())
    assert (article.id, article.title) == ("20210702.1@harbour.example", "Réunion du conseil")
    assert article.author == ("Émilie Weaver",)
    assert article.published == dt.datetime(2021, 7, 2, 10, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert article.body == "The council meets on Friday.\n\nAll are welcome."


@pytest.mark.parametrize(
    ("charset", "coding", "label"),
    [
        ("utf-8", "8bit", "utf-8"),
        ("utf-8", "base64", "UTF-8"),
        ("cp1252", "8bit", "iso-8859-1"),
        ("cp1252", "base64", "windows-1252"),
        ("utf-8", "8bit", "us-ascii"),
        ("utf-8", "8bit", "no-such-charset"),
        ("utf-8", "8bit", ""),
    ],
)
def test_texts_are_decoded_by_their_own_label(archive: Archive, charset: str, coding: str, label: str) -> None:
    text = "Die Bäcker – und „ihre“ Brötchen für Köln, Zürich und Lüneburg."
    body = text.encode(charset)
    kind = f"Content-Type: text/plain; charset={label}\n" if label else ""
    content = base64.encodebytes(body) if coding == "base64" else body
    head = f"From: a@b.example\nSubject: x\n{kind}Content-Transfer-Encoding: {coding}\n\n"
    assert read_one(archive, "a.eml", head.encode() + content).body == text


def test_japanese_mail_of_seven_bits_is_decoded(archive: Archive) -> None:
    head = (
        b"From: a@b.example\nSubject: =?ISO-2022-JP?B?GyRCO1Y1RBsoQg==?=\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    )
    article = read_one(archive, "a.eml", head + "議会は金曜日に開かれる".encode("iso-2022-jp"))
    assert (article.title, article.body) == ("志議", "議会は金曜日に開かれる")


def test_the_encoding_of_a_header_is_not_that_of_the_file(archive: Archive) -> None:
    head = b"From: =?utf-8?q?J=C3=A9?= <a@b.example>\nSubject: x\n"
    with listening() as decisions:
        read_one(
            archive, "a.eml", head + b"Content-Type: text/plain; charset=iso-8859-1\n\nDer K\xf6nig \x96 gr\xfc\xdft\n"
        )
        assert decisions["encoding"].startswith("cp1252")
        read_one(archive, "a.txt", head + b"\nK\xf6nig \x96 gr\xfc\xdft\n")
        assert decisions["encoding"].startswith("cp1252")


def test_bare_bytes_in_headers_are_decoded(archive: Archive) -> None:
    article = read_one(archive, "a.eml", "From: Ann Wäver <a@b.example>\nSubject: Brötchen\n\nText".encode())
    assert (article.title, article.author) == ("Brötchen", ("Ann Wäver",))


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ('"Weaver, Ann" <ann@b.example>', ("Weaver, Ann",)),
        ("ann@b.example", ("ann@b.example",)),
        ("ann@b.example (Ann Weaver)", ("Ann Weaver",)),
        ("=?utf-8?Q?Weaver=2C_Ann?= <ann@b.example>", ("Weaver, Ann",)),
        ("Ann Weaver", ("Ann Weaver",)),
        ("Weaver, Ann <ann@b.example>", ("Weaver, Ann",)),
        ("Weaver, Dr. Ann (Courier) <ann@b.example>", ("Weaver, Dr. Ann (Courier)",)),
        ('"Ann \\"Annie\\" Weaver" <ann@b.example>', ('Ann "Annie" Weaver',)),
        ("Ann Weaver <ann@b.example>, Bo Li <bo@b.example>", ("Ann Weaver", "Bo Li")),
        ('"" <ann@b.example>', ("ann@b.example",)),
        ("Ann Weaver [mailto:ann@b.example]", ("Ann Weaver",)),
    ],
)
def test_senders(archive: Archive, sender: str, author: tuple[str, ...]) -> None:
    assert read_one(archive, "a.eml", f"From: {sender}\nSubject: x\n\nText").author == author


def test_the_author_counts_before_the_sender(archive: Archive) -> None:
    sender = "Sender: The List <list@b.example>"
    both = f"{sender}\nFrom: Ann Weaver <ann@b.example>\n\nText"
    assert read_one(archive, "a.eml", both).author == ("Ann Weaver",)
    assert read_one(archive, "b.eml", f"{sender}\nFrom: \n\nText").author == ("The List",)


@pytest.mark.parametrize(
    "subject",
    [b"Te\0a\0", b"T\0\0e\x01a", b"=?utf-8?q?Te=00=00=00a?=", b"=?utf-8?b?AAAA?=Tea", b"=?iso-8859-1?q?=07Te=00=02a?="],
)
@pytest.mark.parametrize("accent", [b"", b"\xe9", "é".encode()])
def test_control_characters_in_a_header_cost_themselves_only(archive: Archive, subject: bytes, accent: bytes) -> None:
    content = b"From: Ann\0\0 Weaver <a@b.example>\nSubject: " + subject + accent + b"\n\nText"
    article = read_one(archive, "a.eml", content)
    assert (article.title, article.author) == (f"Tea{'é' if accent else ''}", ("Ann Weaver",))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_costs_nothing(archive: Archive, newline: str) -> None:
    article = read_one(archive, "a.eml", f"\ufeff{PLAIN}".replace("\n", newline).encode())
    assert (article.title, article.id) == ("Réunion du conseil", "20210702.1@harbour.example")
    (first,) = read(archive, "a.mbox", b"\xef\xbb\xbf" + mailbox(PLAIN, newline=newline))
    assert isinstance(first, Article)


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=other", "; charset=utf-8"])
def test_a_message_whose_parts_cannot_be_told_apart_keeps_its_text(archive: Archive, boundary: str) -> None:
    head = f"From: a@b.example\nSubject: x\nContent-Type: multipart/mixed{boundary}\n\n"
    assert read_one(archive, "a.eml", f"{head}The council méets.\n").body == "The council méets."
    assert "The council" in read_one(archive, "b.eml", f"{head}--b\n\nThe council meets.\n--b--\n").body


def test_the_readable_part_of_a_newsletter_is_read(archive: Archive) -> None:
    html = (
        "<html><head><style>p{}</style></head><body><div style='display:none'>Preview</div><table><tr><td><h1>Tea</h1>"
        "<p>The harvest of the hills was never larger, said<br>the growers.</p></td></tr></table></body></html>"
    )
    body = "Tea\n\nThe harvest of the hills was never larger, said\nthe growers."
    assert read_one(archive, "a.eml", message("See the web.", html)).body == body
    long_text = "The harvest of the hills was never larger, said the growers."
    assert read_one(archive, "b.eml", message(long_text, html)).body == long_text


def test_attachments_are_named_and_not_read(archive: Archive) -> None:
    article = read_one(archive, "a.eml", message("Here it is.", plan=b"%PDF-1.4"))
    assert (article.body, article.extra) == ("Here it is.", {"attachments": ("plan.pdf",)})
    assert read_one(archive, "b.eml", message("", plan=b"%PDF-1.4")).title == "Tea"


def test_texts_around_a_picture_and_forwarded_messages_are_read(archive: Archive) -> None:
    parts = [
        "Content-Type: text/plain\n\nBefore the picture.",
        "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b\n--no boundary",
        "Content-Type: text/plain\n\nAfter it.\n-- \nAnn\n",
        "Content-Type: message/rfc822\n\nFrom: c@d.example\nSubject: Forwarded\n\nThe older text.",
    ]
    mixed = 'From: a@b.example\nSubject: x\nContent-Type: multipart/mixed; boundary="=b="\n\npreamble\n'
    content = mixed + "".join(f"--=b=\n{part}\n" for part in parts) + "--=b=--\n"
    assert read_one(archive, "a.eml", content).body == (
        "Before the picture.\n\nAfter it.\n--\nAnn\n\nForwarded\n\nThe older text."
    )


def test_apple_mail_is_read_without_its_properties(archive: Archive) -> None:
    content = PLAIN.encode()
    article = read_one(
        archive, "a.emlx", b"%d      \n" % len(content) + content + b"<?xml version='1.0'?><plist>flags</plist>"
    )
    assert article.body.endswith("All are welcome.")
    (failure,) = read(archive, "b.emlx", content)
    assert failure == ReadFailure("is not a message of Apple Mail: its first line is not a length", "b.emlx")


def mailbox(*messages: str, newline: str = "\n") -> bytes:
    text = "".join(f"From ann@b.example Fri Jul  2 10:00:0{n} 2021\n{each}\n\n" for n, each in enumerate(messages))
    return text.replace("\n", newline).encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["a.mbox", "Inbox"])
def test_a_mailbox_has_an_article_for_each_message(archive: Archive, name: str, newline: str) -> None:
    second = "From: Bo Li <b@c.example>\nSubject: Second\n\nFrom then on.\n\nFrom the harbour, greetings.\n>From me.\n"
    first, other = read(archive, name, mailbox(PLAIN, second, newline=newline))
    assert isinstance(first, Article)
    assert isinstance(other, Article)
    assert (first.id, other.id) == ("20210702.1@harbour.example", f"{name}#2")
    assert other.body == "From then on.\n\nFrom the harbour, greetings.\nFrom me."


def test_a_message_that_cannot_be_read_costs_itself_only(archive: Archive) -> None:
    huge = "From: c@d.example\nSubject: huge\n\n" + "x" * 31 * 2**20
    items = read(archive, "a.mbox", b"stray text\n\n" + mailbox("Status: RO\n\nnothing", huge, PLAIN))
    assert items[:3] == [
        ReadFailure("begins with text that belongs to no message", "a.mbox#1"),
        ReadFailure("is not an e-mail: it has no header with a sender, date or subject", "a.mbox#2"),
        ReadFailure("has more than 30 MiB without its attachments", "a.mbox#3"),
    ]
    assert isinstance(items[3], Article)


@pytest.mark.slow
def test_large_attachments_need_no_memory(archive: Archive) -> None:
    archive.write({"a.eml": message("Here it is.", plan=bytes(20_000_000))})
    tracemalloc.start()
    (article,) = read_file(archive.corpus / "a.eml", "a.eml")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(article, Article)
    assert most < 5_000_000


@pytest.mark.parametrize("content", ["no message at all", "\n\n", "X-Other: a\n\nText"])
def test_what_is_no_message_says_so(archive: Archive, content: str) -> None:
    (failure,) = read(archive, "a.eml", content)
    assert failure == ReadFailure("is not an e-mail: it has no header with a sender, date or subject", "a.eml")


def test_parts_that_are_nested_without_end_are_refused(archive: Archive) -> None:
    nested = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3_000))
    (failure,) = read(archive, "a.eml", f"From: a@b.example\nSubject: x\n{nested}")
    assert failure == ReadFailure("has parts that are nested too deeply", "a.eml")
