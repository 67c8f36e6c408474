"""Messages for people: English texts that keep their templates and values."""

import copy
import pickle

import pytest

from searchsvc.errors import UserError
from searchsvc.messages import Message, plural_message


def test_a_message_is_its_english_text() -> None:
    message = Message("%(name)s has more than %(limit)s values, %(share)s or 100 %%", name="tag", limit=1_000, share=0.5)
    assert message == "tag has more than 1,000 values, 0.5 or 100 %"
    assert (message.template.count("%("), message.values["limit"], message.singular) == (3, 1_000, None)


@pytest.mark.parametrize(("number", "text"), [(0, "0 words"), (1, "one word"), (2_000, "2,000 words")])
def test_a_message_depends_on_a_number(number: int, text: str) -> None:
    message = plural_message("one word", "%(number)s words", number)
    assert (message, message.singular, message.template) == (text, "one word", "%(number)s words")


def test_a_message_can_be_copied_and_sent_to_another_process() -> None:
    message = plural_message("one of 100 %%", "%(number)s of 100 %%: %(why)s", 1, why=Message("because"))
    for other in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (other, other.template, other.singular, other.values) == (
            message,
            message.template,
            "one of 100 %%",
            message.values,
        )


def test_errors_keep_their_messages() -> None:
    error = UserError(Message("%(name)s is empty", name="q"))
    assert (str(error), isinstance(error.public, Message)) == ("q is empty", True)
    assert UserError("plain").public == "plain"
