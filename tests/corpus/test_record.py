"""Records: joining the fields of two."""

from searchsvc.corpus import Record


def test_fields_of_the_second_record_take_precedence() -> None:
    first = Record.of({"title": ("T", "<title>"), "url": ("u", "<link>")})
    second = Record.of({"title": ("Better", "JSON-LD headline")}) | Record({"crawled": "2023"})
    joined = first | second
    assert joined.fields == {"title": "Better", "url": "u", "crawled": "2023"}
    assert joined.provenance == {"title": "JSON-LD headline", "url": "<link>"}


def test_a_joined_record_is_decoded_if_one_of_the_two_was() -> None:
    decoded, other = Record({"title": "T"}, is_decoded=True), Record({"url": "u"})
    assert [each.is_decoded for each in (decoded | other, other | decoded, other | other)] == [True, True, False]


def test_a_decoded_record_has_no_empty_values() -> None:
    record = Record.decoded({"title": ("Tea & milk", "the head"), "author": ([], "the head"), "pages": (0, "the file")})
    assert record == Record({"title": "Tea & milk"}, {"title": "the head"}, is_decoded=True)
