"""Sends the messages that are due: to each target one after the other, and to several targets at once."""

import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import time
from typing import NamedTuple

from searchsvc.alerts.messages import mail
from searchsvc.alerts.state import AlertStore, Delivery
from searchsvc.alerts.targets import DeliveryError, mail_server, post
from searchsvc.config import Settings
from searchsvc.model.alerts import Target

_THREADS = 8
_log = logging.getLogger(__name__)
_Send = Callable[[Delivery], None]


class DeliveryCounts(NamedTuple):
    """The messages that were sent, and those of them that failed."""

    sent: int = 0
    failed: int = 0


def deliver(store: AlertStore, settings: Settings) -> DeliveryCounts:
    """Send the messages that are due. After a failure, the other messages of its target wait until it is tried again."""
    targets = {target.key: target for alert in settings.alerts for target in alert.targets}
    due = [targets[key] for key in store.due(time())]
    webhooks = [target for target in due if target.kind == "webhook"]
    mails = [target for target in due if target.kind == "mail"]
    courier = _Courier(store, settings)
    with ThreadPoolExecutor(_THREADS, "alerts") as pool:
        posted = pool.map(courier.post_all, webhooks)
        mailed = courier.mail_all(mails) if mails else []
        counts = [*posted, *mailed]
    return DeliveryCounts(sum(each.sent for each in counts), sum(each.failed for each in counts))


class _Courier:
    def __init__(self, store: AlertStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def post_all(self, target: Target) -> DeliveryCounts:
        """Post the messages of a webhook until one fails."""

        def send(delivery: Delivery) -> None:
            post(target.address, delivery.body, delivery.id, self._settings.webhook_secret)

        return self._send_all(target, send)

    def mail_all(self, targets: Sequence[Target]) -> list[DeliveryCounts]:
        """Mail the messages of addresses. If the server cannot be reached, all addresses have failed."""
        try:
            with mail_server(self._settings) as mailer:

                def send(target: Target, delivery: Delivery) -> None:
                    mailer.send(mail(json.loads(delivery.body), delivery.id, target.address, self._settings))

                return [self._send_all(target, partial(send, target)) for target in targets]
        except DeliveryError as error:
            return [self._send_all(target, partial(_fail, error)) for target in targets]

    def _send_all(self, target: Target, send: _Send) -> DeliveryCounts:
        sent = 0
        while (delivery := self._store.next_delivery(target.key)) is not None:
            try:
                send(delivery)
            except (DeliveryError, ValueError) as error:
                # A ValueError names its kind only: its text could have a part of the address, or of an article.
                reason = str(error) if isinstance(error, DeliveryError) else type(error).__name__
                pause = self._store.failed(delivery, reason, time())
                _log.warning(
                    "the message of the alert “%s” was not delivered (%s): %s; tried again in %d s",
                    *(delivery.alert, target, reason, pause),
                )
                return DeliveryCounts(sent, 1)
            self._store.delivered(delivery)
            sent += 1
        return DeliveryCounts(sent)


def _fail(error: DeliveryError, _delivery: Delivery) -> None:
    raise error
