"""The meaning of single words and clauses, as the documentation of the query language has it."""

import unicodedata

import pytest

from searchsvc.analysis import Analyzer
from searchsvc.analysis.term_matching import terms_of
from searchsvc.model.article import Article
from searchsvc.query.ast import Phrase, Term
from searchsvc.query.parser import parse
from searchsvc.verify.reference import AnalyzedArticle, matches_tree, tokenize

ANALYZER = Analyzer("none")
TEXT = "Russia's U.S. talks: Čapek's Straße, 中国人 ที่ well-known meetings of the working group"
ARTICLE = Article("1", "Title", TEXT, "p", place=("New Delhi", "Paris"), extra={"pages": ("10", "ab" * 600)})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Čapek déjà İSTANBUL Łódź Straße Ælfric", ["capek", "deja", "istanbul", "lodz", "strasse", "aelfric"]),
        ("中国人x カー ที่", ["中", "国", "人", "x", "カ", "ー", "ท", "ี"]),
        ("U.S. well-known it’s", ["u", "s", "well", "known", "it", "s"]),
        ("मोदी ΣΑΣ", ["मोदी", "σασ"]),
        ("за́мок ЁЛКА Αθήνας שָׁלוֹם العـربيّة ٣", ["замок", "елка", "αθηνασ", "שלום", "العربيه", "3"]),
        (
            "ha\u00adven می\u200cشود ज़मीन नमस्ते ﾃﾞｰﾀ ʿAlī пʼять",
            ["haven", "ميشود", "जमीन", "नमस्ते", *"データ", "ali", "п", "ять"],
        ),
        ("har-\nvest well-known 1990-\n91", ["harvest", "well", "known", "1990", "91"]),
        ("x" * 200 + " " + "y" * 199, ["y" * 199]),
    ],
)
def test_words_are_folded(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    "query",
    [
        *("meeting", "russia", "russia’s", "capek", "strasse", "中国", "U.S.", '"working group"', "well-known"),
        *('"group working"~2', '"talks Russia"~5', "wor*", "mee?ings", "mee*gs", "capke~", "korwing~2"),
        *("place:delhi", 'place:"new delhi"', "place:par*", "place:apris~", "pages:10", "-tea", "tea OR group", "-"),
    ],
)
def test_these_find_the_article(query: str) -> None:
    assert matches_tree(parse(query, ["place", "pages"]).tree, AnalyzedArticle(ARTICLE, "english"))


@pytest.mark.parametrize(
    "query",
    [
        *('"group working"~1', '"talks Russia"~3', "mee?s", "wo?king*s", "capke~ tea", "korwing~1", "title:group", "met"),
        *('place:"delhi paris"', "place:delhis", "-group", "中人国", '"title russia"', "date:2022"),
    ],
)
def test_these_do_not(query: str) -> None:
    assert not matches_tree(parse(query, ["place", "pages"]).tree, AnalyzedArticle(ARTICLE, "english"))


RANGES = (
    *(
        (0x80, 0x100),
        (0x2B0, 0xE00),
        (0xF00, 0x1100),
        (0x10A0, 0x1100),
        (0x1200, 0x1780),
        (0x1800, 0x1D00),
        (0x1DC0, 0x2100),
    ),
    *((0xA600, 0xA700), (0xA8E0, 0xA900), (0xAC00, 0xAD00), (0xFB13, 0xFE30), (0xFE70, 0xFF00), (0xFF66, 0xFFA0)),
)


def test_the_analyzer_has_the_words_of_the_reference_in_every_script() -> None:
    chars = [char for first, end in RANGES for char in map(chr, range(first, end)) if unicodedata.category(char) != "Cn"]
    composed = [
        char for char in chars if unicodedata.is_normalized("NFC", char) and "LATIN" not in unicodedata.name(char, "")
    ]
    assert len(composed) > 5_000
    texts = [text for char in composed for text in (char, f"a{char}b", f"{char}-\nc")]
    assert [ascii(text) for text in texts if ANALYZER.tokens(text) != tokenize(text)] == []


def test_the_analyzer_has_the_possessives_of_the_reference_beside_every_mark_and_sign() -> None:
    """The ending `'s` belongs to a word whose last character is a letter, a digit, a mark or without width."""
    chars = [char for char in map(chr, range(0x20, 0x10000)) if unicodedata.category(char)[0] in "MNPC"]
    chars = [char for char in chars if unicodedata.category(char) not in ("Cn", "Co", "Cs")]
    assert len(chars) > 2_000
    cases = [case for char in chars for case in ((f"x{char}'s", f"x{char}"), (f"x's{char}", "x"))]
    wrong = [ascii(text) for text, word in cases if is_possessive(text, word) != reference_finds(text, word)]
    assert wrong == []


def is_possessive(text: str, word: str) -> bool:
    return terms_of(Term(text), ANALYZER) == terms_of(Phrase(word), ANALYZER)


def reference_finds(text: str, word: str) -> bool:
    return matches_tree(Term(text), AnalyzedArticle(Article("1", "Title", word, "p"), "none"))
