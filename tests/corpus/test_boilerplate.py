"""Boilerplate: paragraphs of the site that are removed, and prose that resembles them and is kept."""

import pytest

from searchsvc.corpus.formats.boilerplate import remove_boilerplate

BOILERPLATE = (
    "Subscribe to the Morning Review newsletter",
    "Follow us on Twitter and Facebook.",
    "Get the day's top headlines delivered to your inbox every morning.",
    "Related: The 15 Weirdest Galaxies in Our Universe",
    "Have a tip? Amy may be reached at amy@courier.example.",
    "Tempo de leitura: 1 minuto",
    "Read more...",
    "CLICK HERE TO GET THE COURIER APP",
    "___",
    "https://courier.example/2019/11/tea",
)
PROSE = (
    "Follow the river on its way to the sea and you will find the village where she was born.",
    "More than nine hundred people came.",
    "Related species live in the hills to the north of it, and the growers know them all by name.",
    "Also on the table was a second treaty.",
    "Subscribers of the library paid four crowns a year, which was more than most of them earned in a week at the harbour, "
    "and so the reading room stayed empty until the war, when it became the warmest place in town and was full.",
    "FRANCE WINS",
    "“Sign the treaty,” he said.",
)


@pytest.mark.parametrize("paragraph", BOILERPLATE)
def test_boilerplate_is_removed(paragraph: str) -> None:
    assert list(remove_boilerplate([paragraph], "Tea")) == []


@pytest.mark.parametrize("paragraph", PROSE)
def test_prose_is_kept(paragraph: str) -> None:
    assert list(remove_boilerplate([paragraph], "Tea")) == [paragraph]


def test_a_list_of_links_ends_at_the_next_sentence() -> None:
    paragraphs = ["Text.", "You may also like...", "Who will win?", "Nine things about tea", "The text continues. It does."]
    assert list(remove_boilerplate([*paragraphs, "End."], "Tea")) == ["Text.", "The text continues. It does.", "End."]


def test_only_the_first_paragraphs_can_repeat_the_title() -> None:
    paragraphs = ["A story of tea.", "Text.", "A story of tea."]
    assert list(remove_boilerplate(paragraphs, "A Story of Tea")) == ["Text.", "A story of tea."]
