"""Answers as JSON, for the API and for the commands' `--json`, and highlighted text as HTML."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import orjson

from searchsvc.api import schema
from searchsvc.api.addresses import Addresses, values_path
from searchsvc.api.cursors import next_cursor
from searchsvc.api.links import Links
from searchsvc.api.listing_parameters import ValueListing
from searchsvc.api.parameters import CHOSEN_FIELDS, Highlight, Shape
from searchsvc.errors import SearchsvcError
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import Article
from searchsvc.model.results import FacetValue, Hit, Results, Snippet, Suggestions
from searchsvc.search.answer import Answer
from searchsvc.search.corrections import Correction
from searchsvc.search.facet_values import FacetPage
from searchsvc.search.field_values import FieldValue
from searchsvc.search.number_facets import NumberFacet
from searchsvc.search.question import Question
from searchsvc.search.readings import Reading

API = "/api/v1"
"""The path of the API, of which this is the only version."""
SEARCH = f"{API}/search"
_WHOLE = Shape()
_HTML, _SPANS = {"title_html", "snippets_html", "body_html"}, {"title_spans", "snippets", "body_spans"}
_UNASKED: Mapping[Highlight, set[str]] = {"both": set(), "html": _SPANS, "spans": _HTML}
_METADATA = tuple(each.name for each in fields(schema.Metadata))


def to_json(value: object, *, indent: bool = False) -> bytes:
    """Return the JSON of a schema object or of plain data."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if indent else 0))


def search_answer(answer: Answer, addresses: Addresses, shape: Shape = _WHOLE) -> schema.SearchAnswer:
    """Return the JSON of an answer to a search, with all members of its results and with the facets in order."""
    question, results = answer.question, answer.results
    links, plain = Links(addresses, SEARCH, question, shape.pairs()), Links(addresses, SEARCH, question)
    return schema.SearchAnswer(
        query=_query(answer, addresses),
        total=results.total,
        stories=results.stories,
        page=None if question.by_cursor else question.request.page,
        per_page=question.request.per_page,
        cursor=next_cursor(answer),
        pages=answer.pages,
        took_ms=round(answer.took_ms, 2),
        index=index(answer.generation, answer.info),
        results=tuple(map(hit, results.hits)),
        partial=tuple(map(hit, answer.partial)),
        facets=tuple(_facets(results, shape.facets, question, plain)),
        links=_search_links(answer, addresses, links, plain),
    )


def chosen(answer: schema.SearchAnswer, shape: Shape) -> schema.SearchAnswer | dict[str, Any]:
    """Return the JSON of an answer with only those members of its results that the request asks for."""
    left_out = _left_out(shape)
    if not left_out:
        return answer
    hits = {name: [_without(hit, left_out) for hit in getattr(answer, name)] for name in ("results", "partial")}
    return vars(answer) | hits


def _left_out(shape: Shape) -> frozenset[str]:
    fields = set(CHOSEN_FIELDS) - set(shape.fields) if shape.fields else set()
    return frozenset(fields | _UNASKED[shape.highlight])


def _without(found: object, left_out: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in vars(found).items() if name not in left_out}


def values(
    page: FacetPage,
    question: Question,
    listing: ValueListing,
    addresses: Addresses,
    numbers: NumberFacet | None = None,
) -> schema.Values:
    """Return the JSON of a page of the values of a field. `numbers` are its facet if it is a field of numbers."""
    links = Links(addresses, SEARCH, question.on_page(1))

    def link(number: int) -> str:
        return Links(addresses, f"{API}{values_path(page.field)}", question.on_page(number), listing.pairs()).here()

    return schema.Values(
        field=page.field,
        total=page.total,
        complete=page.complete,
        page=page.page,
        pages=page.pages,
        letters=page.letters,
        values=tuple(_values(page.field, page.values, question, links)),
        histogram=tuple(_histogram(numbers, question, addresses)) if numbers else (),
        links=schema.PageLinks(
            link(page.page + 1) if page.page < page.pages else None, link(page.page - 1) if page.page > 1 else None
        ),
    )


def similar(article_id: str, hits: Iterable[Hit]) -> schema.Similar:
    """Return the JSON of the articles similar to another."""
    return schema.Similar(article_id, tuple(map(hit, hits)))


def suggestions(text: str, found: Suggestions) -> schema.Suggestions:
    """Return the JSON of the completions of a partly typed query."""
    words = tuple(schema.SuggestedWord(word, total) for word, total in found.words)
    values = tuple(schema.SuggestedValue(each.text, each.field, each.value, each.total) for each in found.values)
    titles = tuple(schema.SuggestedTitle(each.title, each.id) for each in found.titles)
    return schema.Suggestions(text, words, values, titles)


def index(generation: str, info: GenerationInfo) -> schema.Index:
    """Return the JSON that describes a generation."""
    return schema.Index(generation, info.engine, info.articles, dt.datetime.fromisoformat(info.created))


def metadata(found: Article) -> schema.Metadata:
    """Return the JSON of an article without its text."""
    return schema.Metadata(**_metadata(found))


def article(found: Article) -> schema.Article:
    """Return the JSON of a whole article."""
    return schema.Article(**_metadata(found), body=found.body)


def article_answer(
    found: Article, story: tuple[str, int], highlighted: tuple[Snippet, Snippet] | None, highlight: Highlight
) -> schema.ArticleAnswer | dict[str, Any]:
    """Return the JSON of a whole article, with the matches of a query in title and body if there is one.

    `story` is the id of its story, and the number of versions.
    """
    own = _metadata(found) | {"story": story[0], "versions": story[1]}
    if highlighted is None:
        return schema.ArticleAnswer(**own, body=found.body, highlight=None)
    title, body = highlighted
    marked = schema.Highlighted(highlight_html(title), title.spans, highlight_html(body), body.spans)
    whole = schema.ArticleAnswer(**own, body=found.body, highlight=marked)
    return vars(whole) | {"highlight": _without(marked, _UNASKED[highlight])}


def provenance(found: Article, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON of each field of an extracted article: its value and its source, or None if it kept its name."""
    known = {name: value for name, value in {**_metadata(found), "body": found.body}.items() if value}
    own = {
        name: {"value": value, "from": sources.get(name)} for name, value in known.items() if name not in ("path", "extra")
    }
    extra = {f"extra.{name}": {"value": each, "from": None} for name, each in found.extra.items()}
    return {"path": found.path, "fields": own | extra}


def problem(kind: str, title: str, status: int, error: SearchsvcError) -> dict[str, Any]:
    """Return the JSON of an error (RFC 9457). `kind` is the address of its description."""
    own = {name: getattr(error, name, None) for name in ("param", "position", "hint")}
    return {"type": kind, "title": title, "status": status, "detail": error.public, **own}


def highlight_html(snippet: Snippet, first: int | None = None) -> str:
    """Return the text as escaped HTML with its matches in `<mark>`. From number `first`, they have the ids `match-N`."""
    parts, position = [], 0
    for number, (start, end) in enumerate(snippet.spans, start=first or 0):
        mark = "<mark>" if first is None else f'<mark id="match-{number}" tabindex="-1">'
        parts.append(f"{escape(snippet.text[position:start])}{mark}{escape(snippet.text[start:end])}</mark>")
        position = end
    return "".join(parts) + escape(snippet.text[position:])


def fragment_html(fragment: Snippet) -> str:
    """Return a fragment as escaped HTML with its matches in `<mark>`, and “…” where its text goes on."""
    return ("… " if fragment.cut_start else "") + highlight_html(fragment) + (" …" if fragment.cut_end else "")


def joined_text(fragments: Sequence[Snippet]) -> str:
    """Return the text of some fragments of one text, with “…” between them and where the text goes on."""
    if not fragments:
        return ""
    first, last = fragments[0], fragments[-1]
    text = " … ".join(fragment.text for fragment in fragments)
    return ("… " if first.cut_start else "") + text + (" …" if last.cut_end else "")


def _query(answer: Answer, addresses: Addresses) -> schema.Query:
    question = answer.question
    return schema.Query(
        text=question.text,
        parsed=str(question.request.tree),
        match=question.match,
        notes=tuple(schema.Note(note.message, note.position) for note in answer.notes),
        values=tuple(_named_value(each, addresses) for each in answer.values),
        suggestion=_correction(answer.correction, addresses) if answer.correction else None,
        readings=tuple(_reading(each, addresses) for each in answer.readings),
    )


def _named_value(named: FieldValue, addresses: Addresses) -> schema.NamedValue:
    return schema.NamedValue(named.field, named.value, named.total, Links(addresses, SEARCH, named.question).here())


def _correction(correction: Correction, addresses: Addresses) -> schema.Correction:
    return schema.Correction(
        correction.question.text, correction.total, Links(addresses, SEARCH, correction.question).here()
    )


def _reading(reading: Reading, addresses: Addresses) -> schema.Reading:
    link = Links(addresses, SEARCH, reading.question).here()
    return schema.Reading(reading.question.text, reading.spans, reading.why, reading.total, link)


def _facets(
    results: Results, order: tuple[str | None, ...] | None, question: Question, links: Links
) -> Iterator[schema.ValuesFacet | schema.DatesFacet]:
    """Yield the facets in the order of the request, or with the dates at the end."""
    found = {facet.field: facet for facet in results.facets}
    for name in (*found, None) if order is None else order:
        if name is not None:
            facet = found[name]
            values = tuple(_values(name, facet.values, question, links))
            yield schema.ValuesFacet(name, "values", values, facet.other)
        elif results.dates is not None:
            yield schema.DatesFacet("dates", results.dates.unit, tuple(_periods(results.dates.values, links)))


def _values(field: str, found: Iterable[FacetValue], question: Question, links: Links) -> Iterator[schema.Value]:
    unwanted = frozenset(question.request.excluded.get(field, ()))
    with_value, without_value = links.adding_values(field)
    for each in found:
        value, selected = each.value, each.selected
        if selected or value in unwanted:
            toggle, excluded = links.selecting(field, value, selected), value in unwanted
            exclude = links.excluding(field, value, excluded, selected)
            yield schema.Value(value, each.count, selected, excluded, toggle, exclude)
        else:
            yield schema.Value(value, each.count, False, False, with_value(value), without_value(value))


def _histogram(numbers: NumberFacet, question: Question, addresses: Addresses) -> Iterator[schema.NumberCount]:
    selected = question.request.ranges.get(numbers.field, ())
    for wanted, count in ((each.range, each.count) for each in numbers.buckets):
        is_selected = wanted in selected
        link = Links(addresses, SEARCH, question.with_range(numbers.field, None if is_selected else wanted)).here()
        yield schema.NumberCount(wanted.least, wanted.most, count, is_selected, link)


def _periods(found: Iterable[FacetValue], links: Links) -> Iterator[schema.PeriodCount]:
    for each in found:
        toggle = links.toggling("date", each.value, each.selected)
        yield schema.PeriodCount(each.value, each.count, each.selected, toggle)


def _search_links(answer: Answer, addresses: Addresses, links: Links, plain: Links) -> schema.SearchLinks:
    """Return the links of an answer. Those to feeds and files are `plain`, since these have a shape of their own."""
    question = answer.question
    return schema.SearchLinks(
        self=links.here(),
        next=_next_page(answer, links),
        prev=links.page(question.request.page - 1) if question.request.page > 1 else None,
        html=Links(addresses, "/search", question).here(),
        atom=plain.first_at("/search.atom"),
        csv=plain.first_at("/search.csv"),
        jsonl=plain.first_at("/search.jsonl"),
        ris=plain.first_at("/search.ris"),
    )


def _next_page(answer: Answer, links: Links) -> str | None:
    """Return the address by number as far as numbers reach, then by cursor."""
    question = answer.question
    if not question.by_cursor and question.request.page < answer.last_page:
        return links.page(question.request.page + 1)
    after = answer.results.next
    return links.after(after, answer.generation) if after is not None and next_cursor(answer) else None


def hit(found: Hit) -> schema.Hit:
    """Return the JSON of an article that was found."""
    return schema.Hit(
        **_metadata(found.article),
        story=found.story or found.article.id,
        versions=found.versions,
        more_versions=found.others.number,
        other_versions=tuple(map(_other_version, found.others.first)),
        score=found.score,
        title_html=highlight_html(found.title),
        title_spans=found.title.spans,
        snippets_html=tuple(map(fragment_html, found.snippets)),
        snippets=found.snippets,
    )


def _other_version(found: Article) -> schema.OtherVersion:
    return schema.OtherVersion(found.id, found.title, found.date, found.source or None)


def _metadata(found: Article) -> dict[str, Any]:
    own = {name: getattr(found, name) for name in _METADATA}
    return own | {name: own[name] or None for name in ("url", "source", "section", "language")}
