"""Names beside e-mail addresses."""

import pytest

from searchsvc.corpus.metadata.people import name_of


@pytest.mark.parametrize(
    ("person", "name"),
    [
        ("Jane Smith <jane@courier.example>", "Jane Smith"),
        ('"Smith, Jane" <jane@courier.example>', "Smith, Jane"),
        ("Jane Smith [mailto:jane@courier.example]", "Jane Smith"),
        ("jane@courier.example (Jane Smith)", "Jane Smith"),
        ("jane at courier.example (Jane Smith)", "Jane Smith"),
        ("Jane Smith (jane@courier.example)", "Jane Smith"),
        ("Jane <jane@c.example>, Bo <bo@c.example>", "Jane , Bo"),
        ("jane@courier.example", "jane@courier.example"),
        ("<jane@courier.example>", "<jane@courier.example>"),
        ("Jane Smith at the fair", "Jane Smith at the fair"),
        ('"Jane \\"JJ\\" Smith" <jane@courier.example>', 'Jane "JJ" Smith'),
        ('"Jane Smith" <jane@courier.example> (Courier)', "Jane Smith (Courier)"),
        ("Jane Smith (AP)", "Jane Smith (AP)"),
    ],
)
def test_an_address_is_left_out_where_a_name_is(person: str, name: str) -> None:
    assert name_of(person) == name
