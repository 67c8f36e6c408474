"""The JSON of the messages of alerts as dataclasses, like those of `schema`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from searchsvc.api.schema import Hit, Strict


@dataclass
class AlertHit(Hit):
    """A new article that an alert has found."""

    link: str | None
    """The address of its page, or null if the setting `public_url` is missing."""


@dataclass
class AlertMessage(Strict):
    """What an alert sends to a webhook."""

    type: Literal["alert"]
    alert: str
    """The name of the alert."""
    query: str
    filters: tuple[str, ...]
    test: bool
    """Whether the message is a test, with articles that are not new."""
    created: datetime
    generation: str
    total: int
    """Number of articles that the alert has not reported before."""
    results: tuple[AlertHit, ...]
    """The newest first, and at most 100 of them."""
    link: str | None
    """The address of the search for all articles, new or not."""
