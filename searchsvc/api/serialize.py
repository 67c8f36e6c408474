"""Answers as JSON, for the API and for the commands' `--json`, and highlighted text as HTML."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import fields
from html import escape
from typing import Any

import orjson

from searchsvc.api import schema
from searchsvc.api.cursors import next_cursor
from searchsvc.api.links import Links, quotation_search, values_path
from searchsvc.api.parameter_reader import parameter
from searchsvc.api.parameters import ValueListing
from searchsvc.errors import SearchsvcError, UserError
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import Article
from searchsvc.model.quotations import Difference, Printing
from searchsvc.model.results import FacetValue, Hit, Results, Snippet, Suggestions
from searchsvc.search.answer import Answer
from searchsvc.search.corrections import Correction
from searchsvc.search.facet_values import FacetPage
from searchsvc.search.field_values import FieldValue
from searchsvc.search.question import Question
from searchsvc.search.quotations import QuotationCheck
from searchsvc.search.readings import Reading

_METADATA = tuple(each.name for each in fields(schema.Metadata))


def to_json(value: object, *, indent: bool = False) -> bytes:
    """Return the JSON of a schema object or of plain data."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if indent else 0))


def search_answer(answer: Answer) -> schema.SearchAnswer:
    """Return the JSON of an answer to a search."""
    question, results = answer.question, answer.results
    links = Links("/api/search", question)
    return schema.SearchAnswer(
        query=_query(answer),
        total=results.total,
        page=None if question.by_cursor else question.request.page,
        per_page=question.request.per_page,
        cursor=next_cursor(answer),
        pages=answer.pages,
        took_ms=round(answer.took_ms, 2),
        index=index(answer.generation, answer.info),
        results=tuple(map(_hit, results.hits)),
        partial=tuple(map(_hit, answer.partial)),
        facets=_facets(results, links),
        links=_search_links(answer, links),
    )


def values(page: FacetPage, question: Question, listing: ValueListing) -> schema.Values:
    """Return the JSON of a page of the values of a field."""
    links = Links("/api/search", question.on_page(1))

    def link(number: int) -> str:
        return Links(f"/api{values_path(page.field)}", question.on_page(number), listing.pairs()).here()

    return schema.Values(
        field=page.field,
        total=page.total,
        complete=page.complete,
        page=page.page,
        pages=page.pages,
        values=_values(page.values, parameter(page.field), links),
        links=schema.PageLinks(
            link(page.page + 1) if page.page < page.pages else None, link(page.page - 1) if page.page > 1 else None
        ),
    )


def similar(article_id: str, hits: Iterable[Hit]) -> schema.Similar:
    """Return the JSON of the articles similar to another."""
    return schema.Similar(article_id, tuple(map(_hit, hits)))


def suggestions(text: str, found: Suggestions) -> schema.Suggestions:
    """Return the JSON of the completions of a partly typed query."""
    words = tuple(schema.SuggestedWord(word, total) for word, total in found.words)
    values = tuple(schema.SuggestedValue(each.text, each.field, each.value, each.total) for each in found.values)
    titles = tuple(schema.SuggestedTitle(each.title, each.id) for each in found.titles)
    return schema.Suggestions(text, words, values, titles)


def quotation_check(check: QuotationCheck) -> schema.QuotationCheck:
    """Return the JSON of what the archive has of a quotation."""
    quotation = check.quotation
    return schema.QuotationCheck(
        text=quotation.text,
        words=check.words,
        verbatim=check.total > 0,
        total=check.total,
        took_ms=round(check.took_ms, 2),
        index=index(check.generation, check.info),
        results=tuple(_printing(each, quotation.text) for each in check.printings),
        links=schema.QuotationLinks(quotation_search("/api/search", quotation) if check.total else None),
    )


def index(generation: str, info: GenerationInfo) -> schema.Index:
    """Return the JSON that describes a generation."""
    return schema.Index(generation, info.engine, info.articles, dt.datetime.fromisoformat(info.created))


def article(found: Article) -> schema.Article:
    """Return the JSON of a whole article."""
    return schema.Article(**_metadata(found), body=found.body)


def provenance(found: Article, sources: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON of each field of an extracted article: its value and its source, or None if it kept its name."""
    known = {name: value for name, value in {**_metadata(found), "body": found.body}.items() if value}
    own = {
        name: {"value": value, "from": sources.get(name)} for name, value in known.items() if name not in ("path", "extra")
    }
    extra = {f"x.{name}": {"value": each, "from": None} for name, each in found.extra.items()}
    return {"path": found.path, "fields": own | extra}


def problem(kind: str, title: str, status: int, error: SearchsvcError) -> dict[str, Any]:
    """Return the JSON of an error (RFC 9457), without its empty members. `kind` is the address of its description."""
    own = {name: getattr(error, name) for name in ("param", "position", "hint")} if isinstance(error, UserError) else {}
    known = {name: value for name, value in own.items() if value is not None}
    return {"type": kind, "title": title, "status": status, "detail": error.public, **known}


def highlight_html(snippet: Snippet, first: int | None = None) -> str:
    """Return the text as escaped HTML with its matches in `<mark>`. From number `first`, they have the ids `match-N`."""
    parts, position = [], 0
    for number, (start, end) in enumerate(snippet.spans, start=first or 0):
        mark = "<mark>" if first is None else f'<mark id="match-{number}" tabindex="-1">'
        parts.append(f"{escape(snippet.text[position:start])}{mark}{escape(snippet.text[start:end])}</mark>")
        position = end
    return "".join(parts) + escape(snippet.text[position:])


def difference_html(printing: Printing, quoted: str) -> str:
    """Return a passage as escaped HTML: words that only the quotation has are deleted, and those that it lacks inserted."""
    (start, end), text = printing.place, printing.text
    parts, position = [], start
    for _, quoted_span, (first, last) in printing.differences:
        parts.append(escape(text[position:first]))
        parts.append(_change_html(escape(quoted[slice(*quoted_span)]), escape(text[first:last]), first == start))
        position = last
    return "".join(parts) + escape(text[position:end])


def _change_html(deleted: str, inserted: str, is_first: bool) -> str:
    if not inserted:  # it has no space of its own in the text
        return f"<del>{deleted}</del> " if is_first else f" <del>{deleted}</del>"
    return f"<del>{deleted}</del> <ins>{inserted}</ins>" if deleted else f"<ins>{inserted}</ins>"


def _printing(printing: Printing, quoted: str) -> schema.Printing:
    start, _ = printing.place
    return schema.Printing(
        **_metadata(printing.article),
        field=printing.field,
        span=printing.place,
        passage=printing.passage,
        passage_html=difference_html(printing, quoted),
        before=printing.before,
        after=printing.after,
        similarity=round(printing.similarity, 3),
        kept=printing.kept,
        differences=tuple(_difference(each, quoted, printing.passage, start) for each in printing.differences),
        articles=printing.articles,
    )


def _difference(difference: Difference, quoted: str, passage: str, start: int) -> schema.Difference:
    """Return the JSON of a difference. `start` is the place of the passage in its text."""
    kind, quoted_span, (first, last) = difference
    printed_span = first - start, last - start
    return schema.Difference(kind, quoted[slice(*quoted_span)], passage[slice(*printed_span)], quoted_span, printed_span)


def _query(answer: Answer) -> schema.Query:
    question = answer.question
    return schema.Query(
        text=question.text,
        parsed=str(question.request.tree),
        match=question.match,
        notes=tuple(schema.Note(note.message, note.position) for note in answer.notes),
        values=tuple(map(_named_value, answer.values)),
        suggestion=_correction(answer.correction) if answer.correction else None,
        readings=tuple(map(_reading, answer.readings)),
    )


def _named_value(named: FieldValue) -> schema.NamedValue:
    return schema.NamedValue(named.field, named.value, named.total, Links("/api/search", named.question).here())


def _correction(correction: Correction) -> schema.Correction:
    return schema.Correction(correction.question.text, correction.total, Links("/api/search", correction.question).here())


def _reading(reading: Reading) -> schema.Reading:
    link = Links("/api/search", reading.question).here()
    return schema.Reading(reading.question.text, reading.spans, reading.why, reading.total, link)


def _facets(results: Results, links: Links) -> dict[str, schema.Facet | schema.DateFacet]:
    """Return the facets by field. A metadata field called `date` goes by its parameter, since `date` is the date facet."""
    found: dict[str, schema.Facet | schema.DateFacet] = {}
    for facet in results.facets:
        name = parameter(facet.field)
        found[name if facet.field == "date" else facet.field] = schema.Facet(
            _values(facet.values, name, links), facet.other
        )
    if results.dates is not None:
        found["date"] = schema.DateFacet(results.dates.unit, _values(results.dates.values, "date", links))
    return found


def _values(found: Iterable[FacetValue], name: str, links: Links) -> tuple[schema.Value, ...]:
    return tuple(
        schema.Value(each.value, each.count, each.selected, links.toggling(name, each.value, each.selected))
        for each in found
    )


def _search_links(answer: Answer, links: Links) -> schema.SearchLinks:
    question = answer.question
    return schema.SearchLinks(
        self=links.here(),
        next=_next_page(answer, links),
        prev=links.page(question.request.page - 1) if question.request.page > 1 else None,
        html=Links("/search", question).here(),
        atom=links.first_at("/search.atom"),
        csv=links.first_at("/search.csv"),
        jsonl=links.first_at("/search.jsonl"),
        ris=links.first_at("/search.ris"),
    )


def _next_page(answer: Answer, links: Links) -> str | None:
    """Return the address by number as far as numbers reach, then by cursor."""
    question = answer.question
    if not question.by_cursor and question.request.page < answer.last_page:
        return links.page(question.request.page + 1)
    after = answer.results.next
    return links.after(after, answer.generation) if after is not None and next_cursor(answer) else None


def _hit(hit: Hit) -> schema.Hit:
    return schema.Hit(
        **_metadata(hit.article),
        score=hit.score,
        title_html=highlight_html(hit.title),
        snippets_html=tuple(highlight_html(snippet) for snippet in hit.snippets),
        snippets=hit.snippets,
    )


def _metadata(found: Article) -> dict[str, Any]:
    own = {name: getattr(found, name) for name in _METADATA}
    return own | {name: own[name] or None for name in ("url", "source", "section", "language")}
