"""Messages for people, in English: pages translate them by their templates, which no other package needs to know."""

from collections.abc import Mapping
from typing import Any


class Message(str):
    """An English sentence, made of a template such as `the limit is %(limit)s` and its values.

    Whole numbers are grouped by thousands, so that a year has to be a text. A value may be a message too. Templates are
    whole sentences without the full stop, because other languages have other orders of words.
    """

    template: str
    values: Mapping[str, object]
    singular: str | None
    """The template for the number one, of a message that depends on the value `number`."""

    def __new__(cls, template: str, singular: str | None = None, /, **values: object) -> "Message":
        chosen = template if singular is None or values["number"] != 1 else singular
        message = super().__new__(cls, chosen % {name: _in_english(value) for name, value in values.items()})
        message.template, message.singular, message.values = template, singular, values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str, str | None], dict[str, Any]]:
        return (self.template, self.singular), dict(self.values)


def plural_message(one: str, many: str, number: int, /, **values: object) -> Message:
    """Return a message with `%(number)s` in it, from one of two templates: for the number one, or for any other."""
    return Message(many, one, number=number, **values)


def _in_english(value: object) -> str:
    return f"{value:,}" if type(value) is int else str(value)
