"""The geometry of charts: scales of round numbers, bars and lines as wide as their column, labels where there is room."""

from itertools import pairwise

import pytest

from searchsvc.web.chart import HEIGHT, MAX_VALUES, WIDTHS, Slot, bar_chart, line, round_scale, rounded


def slots(number: int, first: int = 2000) -> list[Slot]:
    return [Slot(str(each), each, str(each), f"{each}: said", "/") for each in range(first, first + number)]


# Scales

SCALES: dict[str, tuple[float, list[float]]] = {
    "one article": (1, [0, 1]),
    "a few articles have whole numbers": (3, [0, 1, 2, 3]),
    "steps of two": (7, [0, 2, 4, 6, 8]),
    "steps of five": (18, [0, 5, 10, 15, 20]),
    "a round number is the top": (20, [0, 5, 10, 15, 20]),
    "thousands": (4_628, [0, 2_000, 4_000, 6_000]),
    "nothing": (0, [0, 1]),
    "shares below one": (0.3, [0, 0.1, 0.2, 0.3]),
    "small shares": (0.0071, [0, 0.002, 0.004, 0.006, 0.008]),
    "all articles": (1_000.0, [0, 500, 1_000]),
}


@pytest.mark.parametrize(("most", "ticks"), SCALES.values(), ids=SCALES)
def test_scales_have_round_numbers(most: float, ticks: list[float]) -> None:
    found = round_scale(most)
    assert [tick.value for tick in found.ticks] == ticks
    assert (found.ticks[0].y, found.ticks[-1].y) == (HEIGHT, 0)


def test_the_smallest_value_can_be_seen_and_a_value_beyond_the_top_is_cut() -> None:
    scale = round_scale(1_000)
    assert [scale.y(value) for value in (0, 1, 500, 1_000, 9_000)] == [HEIGHT, HEIGHT - 2, HEIGHT / 2, 0, 0]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (416.6, "417"), (41.66, "41.7"), (4.166, "4.17"), (0.00714, "0.00714"), (1_234, "1,234")],
)
def test_numbers_are_rounded_to_what_counts(value: float, text: str) -> None:
    assert f"{rounded(value):,}" == text


# Bars


def test_bars_fill_the_width_side_by_side() -> None:
    chart = bar_chart(slots(4), [1, 2, 3, 4])
    assert [bar.column.x for bar in chart.bars] == [0, 25, 50, 75]
    assert [bar.height for bar in chart.bars] == [22, 44, 66, 88]
    assert all(bar.column.x < bar.x and bar.x + bar.width < bar.column.x + 25 for bar in chart.bars)


def test_a_single_bar_is_not_as_wide_as_the_chart() -> None:
    (bar,) = bar_chart(slots(1), [3]).bars
    assert bar.width == 12
    assert bar.column.middle == 50


def test_an_empty_slot_has_no_bar_and_no_number() -> None:
    _, empty = bar_chart(slots(2), [3, 0]).bars
    assert (empty.height, empty.value_at) == (0, "")


@pytest.mark.parametrize(("number", "shown"), [(3, True), (MAX_VALUES, True), (MAX_VALUES + 1, False)])
def test_numbers_are_above_few_bars_only(number: int, shown: bool) -> None:
    assert all(bool(bar.value_at) == shown for bar in bar_chart(slots(number), [7] * number).bars)


@pytest.mark.parametrize("number", [1, 3, 12, 31, 100, 200])
def test_labels_never_run_into_each_other(number: int) -> None:
    chart = bar_chart(slots(number, 1900), [7] * number)
    for at, width in enumerate(WIDTHS):
        places = [bar.column.middle * width / 100 for bar in chart.bars if f"w{at}" in bar.column.label_at.split()]
        assert places, "no label is shown"
        assert all(second - first > 30 for first, second in pairwise(places))


def test_wider_charts_have_more_labels_all_of_round_years() -> None:
    chart = bar_chart(slots(40, 1980), [7] * 40)
    shown = [
        [bar.column.slot.label for bar in chart.bars if f"w{at}" in bar.column.label_at.split()]
        for at in range(len(WIDTHS))
    ]
    assert shown[0] == ["1980", "1990", "2000", "2010"]
    assert shown[3] == ["1980", "1985", "1990", "1995", "2000", "2005", "2010", "2015"]


# Lines


def test_a_line_goes_through_the_middles_of_the_slots() -> None:
    found = line([1, 2, 4], round_scale(4))
    assert [(point.x, point.y) for point in found.points] == [(16.667, 66), (50, 44), (83.333, 0)]
    assert found.pieces == ("166.7,66.0 500.0,44.0 833.3,0.0",)


def test_gaps_part_a_line() -> None:
    found = line([1, None, 2, 2, None], round_scale(2))
    assert len(found.points) == 3
    assert [len(piece.split()) for piece in found.pieces] == [1, 2]
