"""The answer to a question."""

from collections.abc import Mapping
from dataclasses import dataclass

from searchsvc.index.generation import GenerationInfo
from searchsvc.messages import Message
from searchsvc.model.results import Hit, Results
from searchsvc.query import Note
from searchsvc.query.request import MAX_DEPTH
from searchsvc.search.corrections import Correction
from searchsvc.search.field_values import FieldValue
from searchsvc.search.question import Question
from searchsvc.search.readings import Reading

_CHANGED = Message("the archive has changed since the previous page; articles may be missing or appear twice")


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, its results, and the generation that they come from."""

    question: Question
    results: Results
    generation: str
    info: GenerationInfo
    took_ms: float = 0.0
    values: tuple[FieldValue, ...] = ()  # of metadata fields that the whole query names
    partial: tuple[Hit, ...] = ()  # the best articles without all the words, if the results are fewer than a page
    correction: Correction | None = None
    readings: tuple[Reading, ...] = ()  # if little or nothing was found

    @property
    def timings(self) -> Mapping[str, float]:
        """Milliseconds by step. `help` is the time spent on suggestions if little was found."""
        steps = self.results.timings._asdict()
        return {"parse": self.question.parse_ms, **steps, "help": max(0.0, self.took_ms - sum(steps.values()))}

    @property
    def notes(self) -> tuple[Note, ...]:
        """What of the query was ignored, cut or changed."""
        own: list[str] = []
        if self.question.generation not in ("", self.generation):
            own.append(_CHANGED)
        return (*self.question.notes, *map(Note, dict.fromkeys([*own, *self.results.notes])))

    @property
    def pages(self) -> int:
        return -(-self.results.listed // self.question.request.per_page)

    @property
    def last_page(self) -> int:
        """The last page that can be requested by number."""
        return min(self.pages, MAX_DEPTH // self.question.request.per_page)
