"""Concordances: their parameters, and their lines as JSON and as CSV.

sort         right, right2, right3, left, left2, left3: by the first, second or third word beside the match; or by article:
             newest, oldest, source
left, right  only lines with this word beside the match
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal, get_args

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.api import concordance_schema, schema
from searchsvc.api.addresses import Addresses, article_path
from searchsvc.api.exports import BYTE_ORDER_MARK, csv_line
from searchsvc.api.links import Links, for_counting
from searchsvc.api.parameter_reader import CONCORDANCE, Pairs, ParameterReader
from searchsvc.api.parameters import Archive, parse_question
from searchsvc.api.serialize import API, index
from searchsvc.errors import NotFoundError
from searchsvc.index.generation import GenerationInfo
from searchsvc.messages import Message
from searchsvc.search.concordance import ANY_LINE, Concordance, Line, Neighbour, Order, View
from searchsvc.search.question import Question

PAGE, JSON, CSV = "/concordance", f"{API}/concordance", "/concordance.csv"
ORDERS: tuple[Order, ...] = get_args(Order)
MAX_WORD = 200
"""Characters of a word beside matches."""
Side = Literal["left", "right"]
_VIEW = ("sort", "left", "right")
_TEXT_COLUMNS = ("left", "match", "right", "left_word", "right_word")
_ARTICLE_COLUMNS = ("date", "source", "title", "field", "number", "id", "address")


def parse_concordance(pairs: Pairs, archive: Archive, *, strict: bool = True) -> tuple[Question, View]:
    """Parse a search and the view of its concordance, as `parse_question` does. Raise UserError."""
    pairs = list(pairs)
    own = ParameterReader((pair for pair in pairs if pair[0] in _VIEW), (), CONCORDANCE, strict=strict, mend=not strict)
    view = View(own.choice("sort", ORDERS), _word(own, "left"), _word(own, "right"))
    others = [pair for pair in pairs if pair[0] not in _VIEW]
    question = parse_question(others, archive, strict=strict, names=CONCORDANCE)
    return replace(question, notes=(*question.notes, *own.notes)), view


def _word(given: ParameterReader, name: str) -> str:
    """Return a word as lines have it beside their matches. Raise UserError for several words."""
    text = given.one(name)
    words = analyzer_for("none").tokens(text[: MAX_WORD + 1])
    if not text or (len(words) == 1 and len(text) <= MAX_WORD):
        return words[0] if text else ""
    given.refuse(name, text, Message("one word"))
    return ""


def view_pairs(view: View) -> list[tuple[str, str]]:
    """Return the parameters of a view, without those that have their default value."""
    return [pair for pair in zip(_VIEW, view, strict=True) if pair[1] not in ("", ORDERS[0])]


def concordance_links(addresses: Addresses, question: Question, view: View = ANY_LINE, path: str = PAGE) -> Links:
    """Return the links to the concordance of a search, whatever the order and the length of its pages of hits."""
    return Links(addresses, path, for_counting(question), view_pairs(view))


def line_link(line: Line, article: Links) -> str:
    """Return the address of an article at the match of a line. `article` are the links of the search alone."""
    link = article.first_at(article_path(line.article.id))
    return f"{link}#match-{line.number}" if line.field == "body" else link


def neighbour_view(view: View, side: Side, word: str) -> View:
    """Return the view of the lines with a word on one side, or with any word there if it is the one already."""
    if side == "left":
        return view._replace(left="" if view.left == word else word)
    return view._replace(right="" if view.right == word else word)


def check_page(found: Concordance) -> None:
    """Raise NotFoundError if the page that was asked for is beyond the last one."""
    page = found.question.request.page
    if page > max(1, found.pages):
        detail = Message("there is no page %(page)s; the last one is %(last)s", page=page, last=max(1, found.pages))
        raise NotFoundError(detail, param="page")


def concordance_json(
    found: Concordance, generation: str, info: GenerationInfo, addresses: Addresses
) -> concordance_schema.ConcordanceAnswer:
    """Return the JSON of a page of lines. Raise NotFoundError if there is no such page."""
    check_page(found)
    question, view, read = found.question, found.view, found.read
    article = Links(addresses, PAGE, question)
    return concordance_schema.ConcordanceAnswer(
        text=question.text,
        parsed=str(question.request.tree),
        match=question.match,
        notes=tuple(schema.Note(note.message, note.position) for note in question.notes),
        sort=view.order,
        left=view.left,
        right=view.right,
        articles=read.articles,
        matches=read.expected,
        estimated=read.is_estimate,
        complete=not read.is_sample,
        read=len(read.lines),
        total=found.total,
        page=question.request.page,
        pages=found.pages,
        results=tuple(_line(line, article) for line in found.lines),
        left_words=tuple(_neighbours(found, "left", found.left, addresses)),
        right_words=tuple(_neighbours(found, "right", found.right, addresses)),
        index=index(generation, info),
        links=_links(found, addresses),
    )


def _line(line: Line, article: Links) -> concordance_schema.ConcordanceLine:
    own = line.article
    about = own.id, own.title, own.date, own.source, own.language
    text = line.field, line.number, line.before, line.match, line.after
    return concordance_schema.ConcordanceLine(*about, *text, line_link(line, article))


def _neighbours(
    found: Concordance, side: Side, words: Iterable[Neighbour], addresses: Addresses
) -> Iterator[concordance_schema.NeighbourWord]:
    for word, lines in words:
        links = concordance_links(addresses, found.question, neighbour_view(found.view, side, word), JSON)
        yield concordance_schema.NeighbourWord(word, lines, links.page(1))


def _links(found: Concordance, addresses: Addresses) -> concordance_schema.ConcordanceLinks:
    links, page = concordance_links(addresses, found.question, found.view, JSON), found.question.request.page
    return concordance_schema.ConcordanceLinks(
        next=links.page(page + 1) if page < found.pages else None,
        prev=links.page(page - 1) if page > 1 else None,
        self=links.here(),
        html=links.first_at(PAGE),
        csv=links.first_at(CSV),
    )


def concordance_csv(lines: Iterable[Line], address: Callable[[Line], str]) -> Iterator[str]:
    """Yield a header and a row for each line. `address` is asked where the archive has it."""
    yield BYTE_ORDER_MARK + csv_line((*_TEXT_COLUMNS, *_ARTICLE_COLUMNS))
    for line in lines:
        article = line.article
        text = line.before, line.match, line.after, *(words[0] if words else "" for words in (line.left, line.right))
        about = article.date, article.source, article.title, line.field, line.number, article.id
        yield csv_line([*text, *about, address(line)])
