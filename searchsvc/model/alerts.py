"""An alert: a search whose new hits are reported to its targets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from searchsvc.model.limits import Match

MAX_ALERTS = 10_000
MAX_NAME = 100  # characters
MAX_TARGETS = 20  # of each kind
Kind = Literal["webhook", "mail"]


class Target(NamedTuple):
    """A place to which messages are sent: a webhook or an address of e-mail."""

    kind: Kind
    address: str

    @property
    def key(self) -> str:
        """A text that names the target in the state of the alerts, without what may be secret in its address."""
        return f"{self.kind} {blake2b(self.address.encode(), digest_size=12).hexdigest()}"

    def __str__(self) -> str:
        """Return the target for people and logs. The path of a webhook is often its password."""
        return f"mail to {self.address}" if self.kind == "mail" else f"webhook at {host_of(self.address)}"


@dataclass(frozen=True, slots=True)
class Alert:
    """A search whose new hits are reported. `filters` are written as in the parameter `filter`."""

    name: str
    query: str = ""
    filters: tuple[str, ...] = ()
    match: Match = "all"
    webhook: tuple[str, ...] = field(default=(), repr=False)
    mail: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[Target, ...]:
        """The places to which messages are sent, besides the feed, which every alert has."""
        webhooks, mails = (Target("webhook", each) for each in self.webhook), (Target("mail", each) for each in self.mail)
        return tuple(dict.fromkeys((*webhooks, *mails)))

    @property
    def shown(self) -> str:
        """The query and the filters, for people."""
        return " ".join((self.query, *self.filters)).strip() or "all articles"

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the search."""
        return [("q", self.query), ("match", self.match), *(("filter", each) for each in self.filters)]


def host_of(address: str) -> str | None:
    """Return the host of the address of a webhook, or None if there is none, or its port is no number of a port."""
    try:
        parts = urlsplit(address)
        return parts.hostname if parts.port != 0 else None
    except ValueError:
        return None


def target_names(alerts: Iterable[Alert]) -> dict[str, str]:
    """Return the name of each target for people by its key, with an alert that has it: several may be on one host."""
    return {target.key: f"{target} (alert “{alert.name}”)" for alert in alerts for target in alert.targets}
