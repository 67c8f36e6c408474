"""What the archive has of a quotation, as JSON, and the differences as HTML."""

from html import escape

from searchsvc.api import quotation_schema as schema
from searchsvc.api.addresses import Addresses
from searchsvc.api.links import quotation_search
from searchsvc.api.serialize import SEARCH, index, metadata
from searchsvc.model.quotations import Difference, Printing
from searchsvc.search.quotations import QuotationCheck


def quotation_check(check: QuotationCheck, addresses: Addresses) -> schema.QuotationCheck:
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
        links=schema.QuotationLinks(quotation_search(addresses, SEARCH, quotation) if check.total else None),
    )


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
        **vars(metadata(printing.article)),
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
