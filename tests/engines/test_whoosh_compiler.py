"""Query trees as Whoosh's queries, in a short notation. {…} are documents that the engine found by itself, unscored."""

from datetime import date

import pytest
from whoosh import query as whoosh
from whoosh.index import open_dir

from searchsvc.analysis import Analyzers
from searchsvc.engines.whoosh.compiler import Compiler, Postings, Scored
from searchsvc.engines.whoosh.writer import WhooshWriter, build_schema
from searchsvc.model import Article
from searchsvc.model.article import dump
from searchsvc.query import SearchRequest, parse

COMPILED = {
    "": "{0 1}",
    "teas": "text:tea",
    "green tea": "(text:green AND text:tea)",
    "green OR tea": "(text:green OR text:tea)",
    "tea^2": "text:tea^2",
    "(green OR tea)^2": "(text:green^2 OR text:tea^2)",
    "title:tea": "title:tea",
    "body:tea": "{0 1}",
    "green -tea": "(text:green AND {})",
    "-brew": "({1})",
    '"green tea"': "{0}",
    '"tea green"': "{}",
    '"tea green"~2': "{0}",
    "well-known": "{1}",
    "te*": "{0 1}",
    "bre?s": "{0}",
    "zz*": "{}",
    "tae~": "{0 1}",
    "place:delhi": "{0}",
    'place:"new delhi"': "{0}",
    "place:par*": "{1}",
    "date:2022": "{1}",
    "before:2022": "{}",
}


@pytest.fixture(scope="module")
def postings(tmp_path_factory: pytest.TempPathFactory) -> Postings:
    folder = tmp_path_factory.mktemp("compiler") / "engine"
    writer = WhooshWriter(folder, ("english",), 0)
    for article in (
        Article("0", "Green tea", "The committee brews green teas", "p", place=("New Delhi",)),
        Article("1", "Well-known", "A tea", "p", place=("Paris",), date=date(2022, 5, 1)),
    ):
        writer.add(article, dump(article))
    writer.commit()
    return Postings(open_dir(folder, schema=build_schema()).searcher(), Analyzers(("english",)))


@pytest.mark.parametrize(("query", "compiled"), COMPILED.items())
def test_queries_compile_to_whoosh_queries(postings: Postings, query: str, compiled: str) -> None:
    request = SearchRequest(parse(query, ["place"]).tree)
    compiler = Compiler(postings, Analyzers(("english",)), request)
    assert (_short(compiler.query, postings), compiler.notes) == (compiled, [])


def _short(query: whoosh.Query, postings: Postings) -> str:
    if isinstance(query, Scored):
        return "{" + " ".join(map(str, sorted(query.docs(postings.searcher)))) + "}"
    if isinstance(query, whoosh.Term):
        return f"{query.fieldname}:{query.text}" + (f"^{query.boost:g}" if query.boost != 1 else "")
    word = " AND " if isinstance(query, whoosh.And) else " OR "
    return "(" + word.join(_short(each, postings) for each in query) + ")"
