"""Citations: names in their parts, BibTeX, RIS, CSL-JSON, text in two styles, and tags of pages."""

import datetime as dt
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.api.citations import FORMATS, STYLES, json_ld, meta_tags
from searchsvc.api.citations.bibtex import bibtex, key
from searchsvc.api.citations.csl import csl
from searchsvc.api.citations.names import Name, parse_name
from searchsvc.model.article import Article

HERE = "http://archive.example/article/1"
FERRY = Article(
    "1",
    "Ferry fares rise 5%: who pays?",
    "The ferry is dearer.",
    "a.txt",
    date=dt.date(2022, 3, 5),
    author=("Tobias van der Berg", "Jean-Paul K. Roux Jr.", "Associated Press"),
    source="Harbour & Sea",
    section="Local",
    place=("Saltmarsh",),
    tag=("ferries", "fares"),
    language="en",
    url="https://harbour.example/ferry_fares?id={7}",
)
BARE = Article("a b", "شاي", "", "b.txt", author=("محمد علي",))


def article(**changed: Any) -> Article:
    return Article(**{"id": "1", "title": "Tea", "body": "", "path": "a.txt"} | changed)


# Names

NAMES = {
    "Jane Smith": Name("Smith", "Jane"),
    "S.A. Miller": Name("Miller", "S.A."),
    "JANE SMITH": Name("SMITH", "JANE"),
    "JD Vance": Name("Vance", "JD"),
    "Tobias van der Berg": Name("Berg", "Tobias", "van der"),
    "Charles de Gaulle": Name("Gaulle", "Charles", "de"),
    "Andrew Van Dam": Name("Van Dam", "Andrew"),
    "José Ortega y Gasset": Name("Ortega y Gasset", "José"),
    "Tom Howell Jr.": Name("Howell", "Tom", suffix="Jr."),
    "Tom Howell, Jr.": Name("Howell", "Tom", suffix="Jr."),
    "Smith, Jane": Name("Smith", "Jane"),
    "van Gogh, Vincent": Name("Gogh", "Vincent", "van"),
    "King, Martin Luther, Jr.": Name("King", "Martin Luther", suffix="Jr."),
    '"Cortney Brien"': Name("Brien", "Cortney"),
    "Jane": Name("Jane"),
    "李明": Name("李明"),
    "محمد علي": Name("محمد علي"),
    "Анна Ахматова": Name("Анна Ахматова"),
    "a, b, c, d": Name("a, b, c, d"),
    "One two three four five six seven": Name("One two three four five six seven"),
    "Agent 47": Name("Agent 47"),
    "ANI": Name("ANI", is_organisation=True),
    "BBC News": Name("BBC News", is_organisation=True),
    "Associated Press": Name("Associated Press", is_organisation=True),
    "Special To Cnn": Name("Special To Cnn", is_organisation=True),
    "Hale & Pemberton": Name("Hale & Pemberton", is_organisation=True),
    "Department of Trade": Name("Department of Trade", is_organisation=True),
}


@pytest.mark.parametrize(("text", "name"), NAMES.items(), ids=NAMES)
def test_a_name_has_parts_as_far_as_it_tells_them(text: str, name: Name) -> None:
    assert parse_name(text) == name


def test_names_of_languages_with_the_family_first_stay_whole() -> None:
    assert parse_name("Nagy Anna", "hu") == Name("Nagy Anna")
    assert parse_name("Nagy, Anna", "hu") == Name("Nagy", "Anna")


@given(st.text(min_size=1).filter(str.strip))
def test_no_name_loses_a_letter(text: str) -> None:
    letters = {char for char in text if char.isalpha()}
    assert letters <= set(parse_name(text).natural() + parse_name(text).inverted())


# BibTeX


def test_an_article_as_bibtex() -> None:
    assert bibtex(FERRY) == (
        f"@article{{{key(FERRY)},\n"
        "  author = {van der Berg, Tobias and Roux, Jr., Jean-Paul K. and {Associated Press}},\n"
        "  title = {{Ferry fares rise 5\\%: who pays?}},\n"
        "  journal = {Harbour \\& Sea},\n"
        "  year = {2022},\n  month = mar,\n  day = {5},\n"
        "  url = {https://harbour.example/ferry_fares?id=%7B7%7D},\n"
        "  language = {en},\n  keywords = {ferries, fares},\n}\n"
    )
    assert bibtex(BARE, HERE) == (
        f"@misc{{{key(BARE)},\n  author = {{{{محمد علي}}}},\n  title = {{{{شاي}}}},\n  url = {{{HERE}}},\n}}\n"
    )


def test_keys_are_readable_stable_and_of_one_article() -> None:
    assert key(FERRY) == "berg2022-fc942c07"
    assert key(FERRY) == key(article(date=FERRY.date, author=FERRY.author, title="Another"))
    assert re.fullmatch("article-[0-9a-f]{8}", key(BARE))
    assert key(article(source="Müller’s Times")).startswith("mullerstimes-")
    assert len({key(article(id=str(number))) for number in range(1_000)}) == 1_000


@given(st.text(), st.lists(st.text(), max_size=3), st.text(), st.text())
def test_braces_of_bibtex_are_balanced_whatever_an_article_has(
    title: str, authors: list[str], source: str, url: str
) -> None:
    entry = bibtex(article(title=title, author=tuple(authors), source=source, url=f"https://{url}"))
    depth = 0
    for char in entry.removesuffix("}\n"):
        depth += {"{": 1, "}": -1}.get(char, 0)
        assert depth > 0 or "@" in entry[:9]
    assert depth == 1
    assert all(re.match(r"  [a-z]+ = |}$|@", line) for line in entry.split("\n")[:-1])


# RIS


def test_an_article_as_ris_has_names_with_the_family_first() -> None:
    lines = FORMATS["ris"][2](FERRY, HERE).split("\r\n")
    assert [line[6:] for line in lines if line.startswith("AU")] == [
        *("van der Berg, Tobias", "Roux, Jean-Paul K., Jr.", "Associated Press"),
    ]
    assert f"UR  - {FERRY.url}" in lines
    assert f"UR  - {HERE}" in FORMATS["ris"][2](BARE, HERE)


# CSL-JSON: its schema has these members, with these types, and no others

NAME_PARTS = {"family", "given", "non-dropping-particle", "suffix", "literal"}
TEXTS = {"id", "title", "container-title", "section", "keyword", "language", "URL"}


def check_item(item: dict[str, Any]) -> None:
    assert item.keys() <= {*TEXTS, "type", "author", "issued"}
    assert item["type"] in ("article-newspaper", "article")
    assert all(isinstance(item[name], str) for name in TEXTS & item.keys())
    for name in item.get("author", []):
        assert name.keys() <= NAME_PARTS
        assert all(isinstance(part, str) and part for part in name.values())
    if "issued" in item:
        ((year, month, day),) = item["issued"]["date-parts"]
        assert dt.date(year, month, day)


def test_an_article_as_csl_json() -> None:
    (item,) = json.loads(FORMATS["csl.json"][2](FERRY, HERE))
    check_item(item)
    assert item == {
        **{"id": "1", "type": "article-newspaper", "title": FERRY.title, "container-title": "Harbour & Sea"},
        "author": [
            {"family": "Berg", "given": "Tobias", "non-dropping-particle": "van der"},
            {"family": "Roux", "given": "Jean-Paul K.", "suffix": "Jr."},
            {"literal": "Associated Press"},
        ],
        **{"issued": {"date-parts": [[2022, 3, 5]]}, "section": "Local", "keyword": "ferries, fares"},
        **{"language": "en", "URL": FERRY.url},
    }
    assert csl(article()) == {"id": "1", "type": "article", "title": "Tea"}


@given(st.text(), st.lists(st.text(), max_size=3), st.text(), st.dates(), st.text())
def test_csl_json_is_valid_whatever_an_article_has(
    title: str, authors: list[str], text: str, day: dt.date, language: str
) -> None:
    odd = article(title=title, author=tuple(authors), source=text, section=text, tag=(text,), date=day, language=language)
    check_item(csl(odd))


# Text


def cited(style: str, found: Article) -> str:
    """Return a citation with its italics in asterisks."""
    return "".join(f"*{run.text.rstrip()}* " if run.italic else run.text for run in STYLES[style](found, HERE))


IN_STYLES = {
    "everything": (
        FERRY,
        "van der Berg, T., Roux, J.-P. K., Jr., & Associated Press. (2022, March 5). Ferry fares rise 5%: who pays? "
        f"*Harbour & Sea.* {FERRY.url}",
        "van der Berg, Tobias, Jean-Paul K. Roux Jr., and Associated Press. “Ferry fares rise 5%: who pays?” "
        f"*Harbour & Sea,* March 5, 2022. {FERRY.url}.",
    ),
    "nothing": (article(), f"Tea. (n.d.). {HERE}", f"“Tea.” {HERE}."),
    "a name in Arabic": (BARE, f"محمد علي. (n.d.). شاي. {HERE}", f"محمد علي. “شاي.” {HERE}."),
    "two authors": (
        article(author=("J.D. Hale", "Ann Lee"), source="Sea"),
        f"Hale, J. D., & Lee, A. (n.d.). Tea. *Sea.* {HERE}",
        f"Hale, J.D., and Ann Lee. “Tea.” *Sea.* {HERE}.",
    ),
    "a title with quotations": (
        article(title='“Tea” and "milk"', date=dt.date(2020, 12, 1)),
        f'“Tea” and "milk". (2020, December 1). {HERE}',
        f"“‘Tea’ and ‘milk’.” December 1, 2020. {HERE}.",
    ),
}


@pytest.mark.parametrize(("found", "apa", "chicago"), IN_STYLES.values(), ids=IN_STYLES)
def test_an_article_in_two_styles(found: Article, apa: str, chicago: str) -> None:
    assert cited("APA", found) == apa
    assert cited("Chicago", found) == chicago


def test_very_many_authors_are_cut_as_the_styles_have_it() -> None:
    many = article(author=tuple(f"Ann L{chr(97 + number)}" for number in range(25)))
    assert cited("APA", many).startswith("La, A., Lb, A., ")
    assert "Ls, A., . . . Ly, A. (n.d.)" in cited("APA", many)
    assert "Ann Lg, et al. “Tea.”" in cited("Chicago", many)


# Tags


def test_tags_make_a_newspaper_article_in_zotero() -> None:
    """Zotero takes these names, and DC.type for the kind, unless there is a citation_journal_title."""
    assert list(meta_tags(FERRY, HERE)) == [
        ("citation_title", FERRY.title),
        *(("citation_author", name) for name in ("van der Berg, Tobias", "Roux, Jean-Paul K., Jr.", "Associated Press")),
        ("citation_publication_date", "2022/03/05"),
        ("citation_public_url", FERRY.url),
        ("citation_language", "en"),
        *(("citation_keywords", tag) for tag in ("ferries", "fares")),
        *(("DC.type", "newsItem"), ("DC.source", "Harbour & Sea")),
    ]
    assert list(meta_tags(article(), HERE)) == [("citation_title", "Tea"), ("citation_public_url", HERE)]


def test_json_ld_tells_people_from_organisations() -> None:
    described = json_ld(FERRY, HERE)
    assert (described["@type"], described["datePublished"]) == ("NewsArticle", "2022-03-05")
    assert described["author"][0] == {
        **{"@type": "Person", "name": "Tobias van der Berg", "familyName": "van der Berg", "givenName": "Tobias"}
    }
    assert described["author"][2] == {"@type": "Organization", "name": "Associated Press"}
    assert json_ld(article(), HERE) == {
        **{"@context": "https://schema.org", "@type": "Article", "headline": "Tea", "url": HERE}
    }
