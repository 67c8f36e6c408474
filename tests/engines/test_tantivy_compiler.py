"""Query trees as Tantivy's queries, in a short notation: +required, -excluded, ?optional, {unscored}."""

import re

import pytest

from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.writer import TantivyWriter
from searchsvc.model.article import Article, dump
from searchsvc.query.ast import And, Not, Term
from searchsvc.query.parser import parse

FIELDS = {2: "text", 3: "title", 4: "body", 5: "title_words", 6: "body_words", 8: "meta_words", 9: "day"}

COMPILED = {
    "": "all",
    "teas": "text:tea",
    "green tea": "(+text:green +text:tea)",
    "green OR tea": "(?text:green ?text:tea)",
    "green -tea": "(+text:green -text:tea)",
    "-tea": "(+all -text:tea)",
    "-tea -green": "(+all -text:tea -text:green)",
    "(green OR tea) brew": "(+(?text:green ?text:tea) +text:brew)",
    "…": "all",
    "tea^2": "text:tea^2",
    "title:tea": "title:tea",
    "body:(green tea)": "(+body:green +body:tea)",
    '"green tea"': '(?title:"green tea" ?body:"green tea")',
    'title:"green teas"': 'title:"green tea"',
    "well-known": '(?title:"well known" ?body:"well known")',
    '"green tea"~2': '(?title:"green tea"~2 ?body:"green tea"~2)',
    "te*": "{(?title_words:tea ?body_words:tea ?title_words:teas ?body_words:teas)}",
    "te?s": "{(?title_words:teas ?body_words:teas)}",
    "tea?": "text:tea",
    "zz*": "none",
    "title:te*": "{title_words:tea}",
    "tae~": "{(?title_words:tae~1 ?body_words:tae~1)}",
    "body:tae~2": "{body_words:tae~2}",
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
    folder = tmp_path_factory.mktemp("compiler") / "engine"
    article = Article("1", "Green tea", "The committee brews green teas", "p", place=("New Delhi",))
    writer = TantivyWriter(folder, "english", 0)
    writer.add(article, dump(article))
    writer.commit()
    writer.close()
    return TantivyEngine(folder, "english")


@pytest.mark.parametrize(("query", "compiled"), COMPILED.items())
def test_queries_compile_to_tantivy_queries(engine: TantivyEngine, query: str, compiled: str) -> None:
    compiler = engine.compiler()
    assert _short(repr(compiler.matching(parse(query, ["place"]).tree))) == compiled
    assert compiler.notes == []


def test_an_exclusion_of_nothing_is_ignored(engine: TantivyEngine) -> None:
    compiler = engine.compiler()
    assert _short(repr(compiler.matching(And((Term("tea"), Not(Term("…"))))))) == "text:tea"


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
        text = re.sub(r"Boost\(query=([^(),]*), boost=(\d+)\)", r"\1^\2", text)
    return text


def _term(found: re.Match[str]) -> str:
    field = FIELDS.get(int(found[1]), "meta")
    return f"{field}{f'.{found[2]}' if found[2] else ''}:{found[3]}"


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
