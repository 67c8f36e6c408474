"""Mapping of records to articles: names of fields, precedence, what becomes extra, and mappings of the settings."""

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.config import load_settings
from searchsvc.corpus import FIELD_ALIASES, FieldMapper, Record, read_file
from searchsvc.corpus.metadata import NoTextError, extract_article
from searchsvc.errors import UserError
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive

W = ("w " * 30).strip()


def article_of(fields: dict[str, Any]) -> Article:
    return extract_article(Record(fields), "a.json", "a.json#1").article


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"title": "T"}, {"id": "a.json#1", "title": "T", "body": "", "path": "a.json"}),
        ({"title": "T", "url": "https://x/a"}, {"id": "https://x/a", "url": "https://x/a"}),
        ({"title": "T", "url": "https://x"}, {"id": "a.json#1", "url": "https://x"}),
        ({"title": "T", "url": "/a"}, {"id": "a.json#1", "url": "/a"}),
        ({"title": "T", "url": "https://x/a", "guid": 7}, {"id": "7"}),
        ({"title": "T", "guid": "/a"}, {"id": "/a", "url": ""}),
        ({"title": "T", "guid": "https://x/"}, {"id": "a.json#1", "url": "https://x/"}),
        ({"title": "T", "guid": "https://x/", "url": "https://x/a"}, {"id": "https://x/a", "url": "https://x/a"}),
        ({"title": "T", "url": "https://x/?a=1&copy=2&amp;b"}, {"id": "https://x/?a=1&copy=2&amp;b"}),
        ({"title": "T", "id": "a&amp;b"}, {"id": "a&amp;b"}),
        ({"title": "Tea&nbsp;&#10;&amp; milk", "tag": ["&nbsp;", "a"]}, {"title": "Tea & milk", "tag": ("a",)}),
        ({"title": "&nbsp;", "headline": "H"}, {"title": "H"}),
        ({"title": "A &amp; B", "author": "Hale &amp; Co", "tag": ["R&amp;D"]}, {"title": "A & B", "tag": ("R&D",)}),
        (
            {"title": "T", "publisher": "A &amp; B", "note": "A &amp; B"},
            {"source": "A & B", "extra": {"note": ("A &amp; B",)}},
        ),
        ({"body": "One. Two."}, {"title": "One.", "body": "One. Two."}),
        ({"headline": "", "name": "N"}, {"title": "N"}),
        ({"title": {"rendered": "Tea &amp; more"}}, {"title": "Tea & more"}),
        ({"title": "T", "content": "<p>a</p><p>b</p>"}, {"body": "a\n\nb"}),
        ({"title": "T", "date": "2022-12-23"}, {"date": dt.date(2022, 12, 23), "published": None}),
        ({"title": "T", "timestamp": 1671800000}, {"date": dt.date(2022, 12, 23)}),
        (
            {"title": "T", "date": "soon", "created": "2022-12-23"},
            {"date": dt.date(2022, 12, 23), "extra": {"date": ("soon",)}},
        ),
        ({"title": "T", "text": "date 2022-12-23 Tea"}, {"body": "Tea", "date": dt.date(2022, 12, 23)}),
        ({"title": "T", "text": "date 2022-12-23 Tea", "date": "2021-01-02"}, {"date": dt.date(2021, 1, 2)}),
        ({"text": "LONDON (Reuters) - Tea."}, {"title": "Tea.", "place": ("London",), "source": "Reuters"}),
        ({"text": "LONDON (Reuters) - Tea.", "source": "S", "city": "Rome"}, {"place": ("Rome",), "source": "S"}),
        ({"text": "Tea. (ANI)"}, {"source": "ANI", "place": ()}),
        ({"title": "T", "publisher": {"name": "P"}, "category": ["a", "b"]}, {"source": "P", "section": "a"}),
        ({"title": "T", "tags": [{"name": "a"}, "b, c", "a"]}, {"tag": ("a", "b", "c")}),
        ({"title": "T", "places": "Paris; Lyon"}, {"place": ("Paris", "Lyon")}),
        ({"title": "T", "locale": "en_GB"}, {"language": "en"}),
        ({"title": "T", "author": "By Jane Smith and Bo Li"}, {"author": ("Jane Smith", "Bo Li")}),
        ({"title": "T", "author": "Jane Smith, Bo Li"}, {"author": ("Jane Smith", "Bo Li")}),
        ({"title": "T", "author": "Smith, Jane"}, {"author": ("Smith, Jane",)}),
        ({"title": "T", "author": [{"name": "A"}, "B"]}, {"author": ("A", "B")}),
        ({"title": "T", "author": ""}, {"author": ()}),
        ({"title": "T", "geo": {"lat": 1.5}, "n": [1, None]}, {"extra": {"geo.lat": ("1.5",), "n": ("1",)}}),
        ({"title": "T", "section": {"a": {"b": 1}}}, {"section": "", "extra": {"x_section.a.b": ("1",)}}),
        ({"title": "T", "description": "D &quot;d&quot;"}, {"body": 'D "d"', "extra": {}}),
        ({"title": "T", "text": "B", "description": "D"}, {"body": "B", "extra": {"description": ("D",)}}),
        ({"title": "T", "excerpt": "Longer one.", "abstract": "Longer"}, {"body": "Longer one."}),
        ({"title": "T", "teaser": "Two.", "lead_paragraph": "One."}, {"body": "One.\n\nTwo."}),
        ({"title": "T", "teaser_txt_en": "Two.", "lead_paragraph_t": "One."}, {"body": "One.\n\nTwo.", "extra": {}}),
        ({"title": "T", "Zusammenfassung": "Z"}, {"body": "Z"}),
        ({"title": "T", "résumé": "Z"}, {"body": "Z"}),
        ({"title": "T", "resume": "Z"}, {"body": "Z"}),
        ({"title": "T", "摘要": "Z"}, {"body": "Z"}),
        ({"title": "T", "blob": "w " * 30, "mood": "calm"}, {"body": ("w " * 30).strip(), "extra": {"mood": ("calm",)}}),
        ({"title": "T", "blob": f"<p><script>{W}</script></p>"}, {"extra": {"blob": (f"<p><script>{W}</script></p>",)}}),
        ({"title": "T", "blob": "few words"}, {"body": "", "extra": {"blob": ("few words",)}}),
        (
            {"headline": {"main": "T", "kicker": "k"}, "byline": {"original": "By Jo Li"}},
            {"title": "T", "author": ("Jo Li",)},
        ),
        ({"title": "T", "keywords": [{"name": "subject", "value": "Tea"}]}, {"tag": ("Tea",)}),
        ({"title": "CO<sub>2</sub> &amp; <i>tea</i>"}, {"title": "CO2 & tea"}),
        ({"title": "&lt;b&gt;Tea&lt;/b&gt; &amp; milk"}, {"title": "Tea & milk"}),
        ({"title": "if a<b && c>d", "author": "<a href='/jo'>Jo Li</a>"}, {"title": "if a<b && c>d", "author": ("Jo Li",)}),
        ({"title": "T", "text": "Tea &mdash; caf&eacute; &lt; &#39;x&#39;"}, {"body": "Tea — café < 'x'"}),
        ({"title": "T", "text": "&lt;p&gt;Tea&lt;/p&gt;&lt;p&gt;Milk&lt;/p&gt;"}, {"body": "Tea\n\nMilk"}),
        ({"title": "T", "text": "The &lt;br&gt; element"}, {"body": "The <br> element"}),
        ({"title": "T", "abstract": "<jats:p>Tea</jats:p>"}, {"body": "Tea"}),
        ({"title": "T", "headline": "H", "topics": ["x"]}, {"title": "T", "extra": {"headline": ("H",), "topics": ("x",)}}),
    ],
)
def test_fields_of_an_article(record: dict[str, Any], fields: dict[str, Any]) -> None:
    article = article_of(record)
    assert {name: getattr(article, name) for name in fields} == fields


@pytest.mark.parametrize("record", [{}, {"author": "Jo"}, {"title": " ", "body": "\n"}, {"text": 3}])
def test_a_record_without_text_is_no_article(record: dict[str, Any]) -> None:
    with pytest.raises(NoTextError):
        article_of(record)


@pytest.mark.parametrize("field", FIELD_ALIASES)
def test_aliases_are_recognised_in_any_spelling(field: str) -> None:
    for alias in FIELD_ALIASES[field]:
        for name in (alias, alias.upper(), alias.replace("_", " ").title(), alias.replace("_", "-")):
            other = {"body": "text"} if field == "title" else {"headline": "t"}
            article = article_of(other | {name: "2022-12-23"})
            assert str(getattr(article, field)).strip("(',)") == "2022-12-23", name
            assert not article.extra


def test_provenance_is_the_name_of_a_field_unless_the_record_has_it() -> None:
    record = Record({"Headline": "T", "url": "https://x/a", "text": ""}, {"url": "<link rel=canonical>"})
    provenance = extract_article(record, "p", "p").provenance
    assert provenance == {"id": "its address", "title": "“Headline”", "url": "<link rel=canonical>"}


def test_the_provenance_of_a_body_names_its_fields() -> None:
    def provenance(fields: dict[str, Any]) -> str:
        return extract_article(Record(fields), "p", "p").provenance["body"]

    assert provenance({"title": "T", "lead": "Two.", "teaser": "One."}) == "“teaser”, “lead”"
    assert provenance({"title": "T", "blob": "w " * 30}) == "“blob”"


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "title", "x", ""]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELD_ALIASES, "headline", "x", "x.y", ""]), _json, max_size=8))
def test_any_record_is_an_article_or_has_no_text(record: dict[str, Any]) -> None:
    try:
        article = article_of(record)
    except NoTextError:
        return
    assert article.title
    assert article.id
    assert all(all(values) for values in article.extra.values())


def test_the_mapping_of_the_settings_takes_precedence(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "searchsvc.toml").write_text(
        '[mapping]\ntitle = "Überschrift"\ndate = ["erschienen", "day"]\nbody = "alt text"\n'
    )
    settings = load_settings({}, tmp_path / "searchsvc.toml")
    archive.write(
        {"a.json": '{"title": "No", "überschrift": "Yes", "day": "2020-01-02", "date": "2021-01-02", "Alt-Text": "t"}'}
    )
    (article,) = read_file(archive.corpus / "a.json", "a.json", FieldMapper(settings.mapping))
    assert isinstance(article, Article)
    assert (article.title, article.date, article.body) == ("Yes", dt.date(2020, 1, 2), "t")
    assert article.extra == {"title": ("No",), "date": ("2021-01-02",)}


def test_names_of_a_mapping_may_be_of_any_script() -> None:
    mapper = FieldMapper((("标题", "title"), ("正文", "body")))
    article = extract_article(Record({"标题": "T", "正文": "B"}), "p", "p", mapper).article
    assert (article.title, article.body, article.extra) == ("T", "B", {})


def test_of_equal_names_in_a_mapping_the_first_wins() -> None:
    mapper = FieldMapper((("Kopf", "title"), ("kopf", "section")))
    assert (mapper.field("KOPF"), mapper.field("headline"), mapper.field("mood")) == ("title", "title", None)


def test_another_mapping_causes_a_full_reindex(archive: Archive) -> None:
    archive.write({"a.csv": "Kopfzeile,x\nOne,1\n"})
    assert len(reindex(archive.settings).failures) == 1
    mapped = replace(archive.settings, mapping=(("Kopfzeile", "title"),))
    report = reindex(mapped)
    assert (report.full, report.articles) == ("the mapping has changed", 1)
    assert not reindex(mapped).published


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("mapping = 1", "must be a table"),
        ("[mapping]\ntitel = 'x'", "no field “titel”"),
        ("[mapping]\ntitle = [1]", "must be a name"),
    ],
)
def test_invalid_mappings_are_rejected(tmp_path: Path, toml: str, reason: str) -> None:
    (tmp_path / "searchsvc.toml").write_text(toml)
    with pytest.raises(UserError, match=re.escape(reason)):
        load_settings({}, tmp_path / "searchsvc.toml")
