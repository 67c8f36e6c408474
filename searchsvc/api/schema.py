"""What the API answers, as models: the documentation is made from them, and tests hold every answer against them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    """Nothing that is not named here is ever answered."""

    model_config = ConfigDict(extra="forbid")


class Note(_Strict):
    """What of a query was not taken as it stands."""

    message: str
    position: Annotated[int | None, Field(description="Where in the query, in characters from 0; null for nowhere in it.")]


class Correction(_Strict):
    """The query as it may have been meant."""

    text: str
    total: int
    link: str


class Clause(_Strict):
    """A part of a search that found nothing."""

    clause: str
    parameter: str
    total: Annotated[int, Field(description="Articles that have it.")]
    total_without: Annotated[int, Field(description="Articles that the search finds without it.")]
    without: Annotated[str, Field(description="The address of the search without it.")]


class Query(_Strict):
    """How the query was understood."""

    text: str
    parsed: str
    match: Literal["all", "any"]
    any_words: Annotated[bool, Field(description="No article has all the words; these have any of them.")]
    notes: list[Note]
    suggestion: Correction | None
    clauses: list[Clause]


class Index(_Strict):
    """Which generation answered."""

    generation: str
    engine: str
    articles: int
    updated: datetime


class Metadata(_Strict):
    """An article without its text; null and empty lists for what is not known."""

    id: str
    title: str
    url: str | None
    path: Annotated[str, Field(description="Its file within the corpus.")]
    date: Annotated[date | None, Field(description="The day as the publisher wrote it.")]
    published: datetime | None
    source: str | None
    section: str | None
    author: list[str]
    place: list[str]
    tag: list[str]
    language: str | None
    extra: Annotated[dict[str, list[str]], Field(description="Every other metadata field under its own name.")]


class Article(Metadata):
    """A whole article."""

    body: Annotated[str, Field(description="Plain text, a blank line between paragraphs.")]


class Snippet(_Strict):
    """A piece of the text with its matches."""

    text: str
    spans: Annotated[list[tuple[int, int]], Field(description="Matches as [start, end) in characters.")]


class Hit(Metadata):
    """An article that was found."""

    score: Annotated[float | None, Field(description="Null where the order is by date.")]
    title_html: Annotated[str, Field(description="Escaped, its matches in <mark>.")]
    snippets_html: list[str]
    snippets: list[Snippet]


class Value(_Strict):
    """A value of a field, and how many hits have it, were its own field not filtered."""

    value: str
    count: int
    selected: bool
    toggle: Annotated[str, Field(description="The address of the search with it ticked, or unticked.")]


class Facet(_Strict):
    """The most frequent values of a field."""

    values: list[Value]
    other: Annotated[int, Field(description="Values of hits beyond those listed.")]


class DateFacet(_Strict):
    """The years of the hits; the months of a ticked year, the days of a ticked month."""

    unit: Literal["year", "month", "day"]
    values: list[Value]


class SearchLinks(_Strict):
    """The same search elsewhere."""

    self: str
    next: str | None
    prev: str | None
    html: str
    atom: str
    csv: str
    jsonl: str


class SearchAnswer(_Strict):
    """The answer to a search."""

    query: Query
    total: Annotated[int, Field(description="The exact number of hits.")]
    page: Annotated[int | None, Field(description="Null with a cursor.")]
    per_page: int
    cursor: Annotated[str | None, Field(description="That of the next page; null after the last hit.")]
    pages: int
    took_ms: float
    index: Index
    results: list[Hit]
    facets: dict[str, Facet | DateFacet]
    links: SearchLinks


class Similar(_Strict):
    """Articles like another, the nearest first."""

    id: str
    results: list[Hit]


class SuggestedWord(_Strict):
    """The text with its last word completed, and how many articles have that word."""

    text: str
    articles: int


class SuggestedTitle(_Strict):
    """The title of an article."""

    text: str
    id: str


class Suggestions(_Strict):
    """What a text that is being typed may become."""

    text: str
    words: list[SuggestedWord]
    titles: list[SuggestedTitle]


class PageLinks(_Strict):
    """The pages around."""

    next: str | None
    prev: str | None


class Values(_Strict):
    """A page of all values of a field among the hits."""

    field: str
    total: int
    complete: Annotated[bool, Field(description="False where only the 60,000 most frequent are listed.")]
    page: int
    pages: int
    values: list[Value]
    links: PageLinks


class Health(_Strict):
    """Alive, or ready to answer."""

    status: Literal["ok"]


class Change(_Strict):
    """What was changed in the corpus."""

    id: str
    path: Annotated[str, Field(description="The file in the corpus that says so.")]
    generation: Annotated[str | None, Field(description="The first one that shows it; null where that is to come.")]


class Progress(_Strict):
    """How far a reindex has come; bytes are those of the files that have to be read."""

    total_bytes: int
    done_bytes: int
    articles: int
    failures: int


class Format(_Strict):
    """What was read of one format."""

    files: int
    bytes: int
    articles: int
    failures: int


class ReadFailure(_Strict):
    """What could not be read, and why."""

    path: str
    reason: str
    transient: Annotated[bool, Field(description="Whether the system refused, so that it is tried again.")]


class Report(_Strict):
    """What a reindex did."""

    generation: Annotated[str | None, Field(description="The live one afterwards; null where the corpus was empty.")]
    full: Annotated[str, Field(description="Why everything was read; empty where only changes were.")]
    published: bool
    articles: int
    files: int
    read: int
    added: int
    changed: int
    removed: int
    failures: list[ReadFailure]
    duplicates: list[str]
    formats: dict[str, Format]
    seconds: float


class Reindex(_Strict):
    """How the last reindex in the background is getting on, or ended."""

    state: Literal["none", "running", "done", "failed"]
    full: bool
    started: datetime | None
    finished: datetime | None
    progress: Progress | None
    report: Report | None
    error: str | None


class Problem(_Strict):
    """What went wrong, as RFC 9457 has it."""

    type: Annotated[str, Field(description="The address of its description.")]
    title: str
    status: int
    detail: str
    param: Annotated[str, Field(description="The parameter at fault.")] = ""
    position: Annotated[int | None, Field(description="Where in it the fault is, in characters from 0.")] = None
    hint: Annotated[str, Field(description="The nearest right name or value.")] = ""
