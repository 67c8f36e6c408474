"""Query trees as Tantivy's queries, in a short notation: +required, -excluded, ?optional, <best of>, {unscored}."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.schema import count_documents
from searchsvc.engines.tantivy.writer import TantivyWriter
from searchsvc.model.article import Article, dump
from searchsvc.query.ast import And, Not, Term
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest

FIELDS = {2: "title", 3: "body", 5: "meta_words", 6: "day"}
GREEN, TEA = "<title:green^1.65 body:green^1.1>", "<title:tea^1.65 body:teas>"

COMPILED = {
    "": "all",
    "teas": "<title:tea^1.5 body:teas^1.1>",
    "green tea": f"(+{GREEN} +{TEA})",
    "green OR tea": f"(?{GREEN} ?{TEA})",
    "green -tea": f"(+{GREEN} -{TEA})",
    "-tea": f"(+all -{TEA})",
    "-tea -green": f"(+all -{TEA} -{GREEN})",
    "(green OR tea) brew": f"(+(?{GREEN} ?{TEA}) +body:brews)",
    "…": "all",
    "tea^2": f"{TEA}^2",
    "title:tea": "title:tea^1.1",
    "body:(green tea)": "(+body:green^1.1 +body:teas)",
    "milk": "none",
    '"green tea"': '(?title:"green tea" ?body:"green tea")',
    'title:"green teas"': 'title:"green teas"',
    "=teas": "(?title:teas ?body:teas)",
    '"green tea"~': '(?title:"green tea" ?body:"green teas")',
    'title:"green teas"~': 'title:"green tea"',
    "green-teas": '(?title:"green tea" ?body:"green teas")',
    '"green tea"~2': '(?title:"green tea"~2 ?body:"green teas"~2)',
    '"green milk"~': "(?none ?none)",
    "te*": "{(?title:tea ?body:tea ?title:teas ?body:teas)}",
    "te?s": "{(?title:teas ?body:teas)}",
    "tea?": TEA,
    "zz*": "none",
    "title:te*": "{title:tea}",
    "tae~": "{(?title:tae~1 ?body:tae~1)}",
    "body:tae~2": "{body:tae~2}",
    "place:delhi": "{meta_words.place:delhi}",
    'place:"new delhi"': '{meta_words.place:"new delhi"}',
    "place:delh*": "{meta.place:=New Delhi}",
    "date:2022": "{day:[20220101 to 20221231]}",
    "before:2023": "{day:[* to 20221231]}",
    "after:2022-12-22": "{day:[20221223 to *]}",
    "date:2023..2022": "none",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> TantivyEngine:
    article = Article("1", "Green tea", "The committee brews green teas", "p", place=("New Delhi",))
    return indexed(tmp_path_factory.mktemp("compiler") / "engine", [article])


def indexed(folder: Path, articles: list[Article]) -> TantivyEngine:
    writer = TantivyWriter(folder, ("english",), 0)
    for article in articles:
        writer.add(article, dump(article))
    writer.commit()
    writer.close()
    return TantivyEngine(folder, ("english",))


@pytest.mark.parametrize(("query", "compiled"), COMPILED.items())
def test_queries_compile_to_tantivy_queries(engine: TantivyEngine, query: str, compiled: str) -> None:
    compiler = engine.compiler()
    assert _short(repr(compiler.matching(parse(query, ["place"]).tree))) == compiled
    assert compiler.notes == []


def test_a_phrase_of_words_with_very_many_forms_is_cut_and_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("compiler", "forms"):
        monkeypatch.setattr(f"searchsvc.engines.tantivy.{module}.MAX_PHRASE_FORMS", 2)
    words = ["connects", "connections", "connections", "connected", "connected", "connected"]
    articles = [Article(str(at), "Title", f"a radio {word}", "p") for at, word in enumerate(words)]
    found = indexed(tmp_path / "engine", articles).search(SearchRequest(parse('body:"radio connection"~').tree))
    assert sorted(hit.article.id for hit in found.articles) == ["1", "2", "3", "4", "5"]
    assert found.notes == ('“"radio connection"~” was searched for in the 2 most frequent forms of each of its words',)


def test_an_exclusion_of_nothing_is_ignored(engine: TantivyEngine) -> None:
    compiler = engine.compiler()
    assert _short(repr(compiler.matching(And((Term("tea"), Not(Term("…"))))))) == TEA


_TERM = r'Term\(field=(\d+), type=\w+(?:, path=(\w+))?(?:, type=\w+)?, "?([^")]+)"?\)'


def _short(text: str) -> str:
    text = text.removeprefix("Query(").removesuffix(")")
    text = re.sub(r"PhraseQuery \{ field: Field\(\d+\), phrase_terms: \[(.*?)\], slop: (\d+) \}", _phrase, text)
    text = re.sub(rf"FuzzyTermQuery \{{ term: {_TERM}, distance: (\d).*?\}}", lambda m: f"{_term(m)}~{m[4]}", text)
    text = re.sub(r"RangeQuery \{ bounds: BoundsRange \{ lower_bound: (.*?), upper_bound: (.*?) \} \}", _range, text)
    text = re.sub(rf"TermQuery\({_TERM}\)", _term, text)
    text = text.replace("AllQuery", "all").replace("EmptyQuery", "none")
    before = ""
    while before != text:
        before = text
        text = re.sub(r"BooleanQuery \{ subqueries: \[([^\[\]]*)\], minimum_number_should_match: \d \}", _boolean, text)
        text = re.sub(r"Const\(score=0, query=((?:[^()]|\([^()]*\))*)\)", r"{\1}", text)
        text = re.sub(r"Boost\(query=([^(){},]*), boost=([\d.]+)\)", r"\1^\2", text)
        text = re.sub(r"\^1(?![\d.])", "", text)
        text = re.sub(r"DisjunctionMaxQuery \{ disjuncts: \[([^\[\]]*)\], tie_breaker: 0.3 \}", _best, text)
    return text


def _term(found: re.Match[str]) -> str:
    field = FIELDS.get(int(found[1]), "meta")
    return f"{field}{f'.{found[2]}' if found[2] else ''}:{found[3]}"


def _best(found: re.Match[str]) -> str:
    return f"<{found[1].replace(', ', ' ')}>"


def _phrase(found: re.Match[str]) -> str:
    terms = list(re.finditer(_TERM, found[1]))
    field = _term(terms[0]).partition(":")[0]
    words = " ".join(each[3] for each in terms)
    return f'{field}:"{words}"' + (f"~{found[2]}" if found[2] != "0" else "")


def _range(found: re.Match[str]) -> str:
    ends = [match[3] if (match := re.search(_TERM, end)) else "*" for end in found.groups()]
    return f"day:[{ends[0]} to {ends[1]}]"


def _boolean(found: re.Match[str]) -> str:
    signs = {"Must": "+", "MustNot": "-", "Should": "?"}
    return (
        "("
        + re.sub(r"\((Must|MustNot|Should), (.*?)\)(?=, \((?:Must|Should)|$)", r"<\1>\2", found[1])
        .replace(", <", " <")
        .replace("<Must>", signs["Must"])
        .replace("<MustNot>", signs["MustNot"])
        .replace("<Should>", signs["Should"])
        + ")"
    )


def test_deleted_articles_do_not_change_what_counts_most(tmp_path: Path) -> None:
    """Until segments are merged, words of deleted articles count in the library's statistics."""
    articles = [Article(str(at), "Title", "a harbour" if at < 3 else "a tea", "p") for at in range(60)]
    indexed(tmp_path / "engine", [replace(each, body="tea and teas") for each in articles])
    writer = TantivyWriter(tmp_path / "engine", ("english",), 0)
    for article in articles[:-1]:  # one is left, so that the segment is kept
        writer.delete(article.id)
        writer.add(article, dump(article))
    writer.commit()
    writer.close()
    assert count_documents(tmp_path / "engine") > len(articles)
    request = SearchRequest(parse("tea harbour", match="any").tree, per_page=3)
    found = TantivyEngine(tmp_path / "engine", ("english",)).search(request)
    assert sorted(hit.article.id for hit in found.articles) == ["0", "1", "2"]  # the rare word
