"""How rare words are in an archive of several languages, from which Tantivy's scores are made."""

from pathlib import Path

import pytest

from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.writer import TantivyWriter
from searchsvc.model.article import Article, dump
from searchsvc.query import SearchRequest, parse

GERMAN = [
    *(Article(f"de{n}", "Bericht", f"das Wetter und der Hafen {n}", "p", language="de") for n in range(18)),
    Article("fähre", "Bericht", "eine Fähre im Wind", "p", language="de"),
    Article("wetter", "Bericht", "das Wetter und das Wetter und das Wetter", "p", language="de"),
]
ENGLISH = [Article(f"en{n}", "Report", f"the weather and the harbour {n}", "p", language="en") for n in range(400)]


def engine_of(folder: Path, articles: list[Article], languages: tuple[str, ...]) -> TantivyEngine:
    writer = TantivyWriter(folder / "index", languages, 0)
    for each in articles:
        writer.add(each, dump(each))
    writer.commit()
    writer.close()
    return TantivyEngine(folder / "index", languages)


def score(engine: TantivyEngine, word: str, article_id: str) -> float:
    page = engine.search(SearchRequest(parse(f"{word} OR nowhere").tree, per_page=100))
    return next(each.score or 0.0 for each in page.articles if each.article.id == article_id)


def test_a_word_is_as_rare_as_in_the_language_where_it_is_at_home(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "both").mkdir()
    german = engine_of(tmp_path / "one", GERMAN, ("german",))
    both = engine_of(tmp_path / "both", GERMAN + ENGLISH, ("english", "german"))

    def weights(engine: TantivyEngine) -> float:
        return score(engine, "wetter", "wetter") / score(engine, "fähre", "fähre")

    assert weights(both) == pytest.approx(weights(german), rel=0.25)  # and not nearly as much as the rare word


def test_small_languages_are_counted_together(tmp_path: Path) -> None:
    others = [Article(f"{code}", "Raport", "sadam", "p", language=code) for code in ("et", "fi", "lv")]
    engine = engine_of(tmp_path, [*others, *ENGLISH], ("english", "none"))
    assert score(engine, "sadam", "et") > 2 * score(engine, "weather", "en1")
