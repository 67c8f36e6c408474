"""The searches of the alerts: checked when a process starts, and parsed for each archive."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial

from searchsvc.api import parse_question
from searchsvc.config import Settings
from searchsvc.errors import UserError
from searchsvc.model.alerts import Alert
from searchsvc.query.ast import MatchAll
from searchsvc.query.parser import ParsedQuery, parse
from searchsvc.query.request import Match
from searchsvc.search.number_values import NumberValues
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher

_EVERYTHING = "*"  # the query for all articles


class _AnyField(Collection[str]):
    """The fields of an archive that is not known yet."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _AnyArchive:
    """An archive of which nothing is known, for the check of a search."""

    fields = _AnyField()
    default_facets: tuple[str, ...] = ()
    quick_facets: tuple[str, ...] = ()

    def numbers(self, _field: str) -> NumberValues:
        return NumberValues([], [], complete=True)

    def parse(self, text: str, match: Match) -> ParsedQuery:
        return parse(text, (), match)


def check_alerts(settings: Settings) -> None:
    """Raise UserError, naming the alert, if a search is wrong in any archive, or if mails cannot be sent."""
    for alert in settings.alerts:
        with_name = partial(_named, alert)
        try:
            _check_words(alert, parse_question(alert.pairs(), _AnyArchive()))
        except UserError as error:
            raise with_name(error) from error
    mailing = next((alert for alert in settings.alerts if alert.mail), None)
    missing = [name for name in ("smtp_host", "smtp_from") if not getattr(settings, name)]
    if mailing is not None and missing:
        raise UserError(f"the alert “{mailing.name}” sends mails: set {' and '.join(missing)}", param=missing[0])


def _check_words(alert: Alert, question: Question) -> None:
    """Raise UserError if a query would report every article, since nothing in it can be searched for."""
    if isinstance(question.request.tree, MatchAll) and alert.query.strip() not in ("", _EVERYTHING):
        raise UserError(
            f"nothing in the query can be searched for: leave it out, or write {_EVERYTHING}, for every article"
        )


def _named(alert: Alert, error: UserError) -> UserError:
    return UserError(f"the alert “{alert.name}”: {error}", param=error.param, hint=error.hint, position=error.position)


@dataclass(frozen=True, slots=True)
class AlertQuestion:
    """The search of an alert in an archive. `problem` says why there is none, and `notes` what was ignored in it."""

    alert: Alert
    question: Question | None
    problem: str = ""
    notes: tuple[str, ...] = ()


def parse_alert(alert: Alert, searcher: Searcher) -> AlertQuestion:
    """Parse the search of an alert, the newest hits first."""
    try:
        question = parse_question([*alert.pairs(), ("sort", "newest")], searcher)
    except UserError as error:
        return AlertQuestion(alert, None, str(error))
    request = replace(question.request, facets=(), date_facet=False)
    return AlertQuestion(alert, replace(question, request=request), notes=tuple(note.message for note in question.notes))
