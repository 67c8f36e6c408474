"""Progress on standard error: a bar in a terminal, a line every few seconds elsewhere, nothing if quiet."""

import io
from contextlib import redirect_stderr

import pytest

from searchsvc.cli import progress
from searchsvc.cli.progress import show_progress, show_scan
from searchsvc.indexer import Progress


class Terminal(io.StringIO):
    """Standard error as a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "monotonic", clock)
    return clock


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("seconds", "counts", "line"),
    [
        pytest.param(4.9, Progress(100, 50, 10), "", id="too early"),
        pytest.param(5, Progress(), "100%: 0 articles, 0 per second, 0 failures, about 0 s left\n", id="nothing to read"),
        pytest.param(5, Progress(100, 0, 0), "0%: 0 articles, 0 per second, 0 failures\n", id="nothing read yet"),
        pytest.param(5, Progress(1_000, 10, 5), "1%: 5 articles, 1 per second, 0 failures\n", id="too little to estimate"),
        pytest.param(
            *(10, Progress(1_000, 250, 12_000, 3)),
            "25%: 12,000 articles, 1,200 per second, 3 failures, about 30 s left\n",
            id="a quarter",
        ),
        pytest.param(
            *(40_000, Progress(4, 1, 40_000, 1_234)),
            "25%: 40,000 articles, 1 per second, 1,234 failures, about 120,000 s left\n",
            id="many hours",
        ),
        pytest.param(8, Progress(10, 10, 8), "100%: 8 articles, 1 per second, 0 failures, about 0 s left\n", id="all read"),
    ],
)
def test_lines_say_how_far_reading_is(clock: Clock, capsys: Capture, seconds: float, counts: Progress, line: str) -> None:
    with show_progress(quiet=False) as show:
        clock.now += seconds
        show(counts)
    assert capsys.readouterr() == ("", line)


def test_there_is_a_line_every_five_seconds(clock: Clock, capsys: Capture) -> None:
    with show_progress(quiet=False) as show:
        for second in range(1, 17):
            clock.now = 1_000 + second
            show(Progress(16, second, second))
    assert [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()] == ["31%", "62%", "94%"]


def test_a_terminal_has_a_bar_that_disappears(clock: Clock, terminal: Terminal) -> None:
    with redirect_stderr(terminal), show_progress(quiet=False) as show:
        clock.now += 10
        show(Progress(100, 50, 12_000, 3))
    shown = terminal.getvalue()
    assert "reading" in shown
    assert "1,200 articles/s, 3 failures" in shown
    assert shown.endswith("\x1b[2K")  # the line is erased


@pytest.mark.parametrize("counts", [Progress(), Progress(0, 0, 5), Progress(10, 20, 5)])
def test_a_bar_bears_any_counts(terminal: Terminal, counts: Progress) -> None:
    with redirect_stderr(terminal), show_progress(quiet=False) as show:
        show(counts)
    assert "failures" in terminal.getvalue()


def test_quiet_means_silent(clock: Clock, terminal: Terminal) -> None:
    with redirect_stderr(terminal), show_progress(quiet=True) as show, show_scan(10, quiet=True) as scanned:
        clock.now += 10
        show(Progress(10, 5, 5))
        scanned(5)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("articles", [0, 1, 10])
def test_a_scan_has_a_bar_in_a_terminal(terminal: Terminal, articles: int) -> None:
    with redirect_stderr(terminal), show_scan(articles, quiet=False) as scanned:
        scanned(articles)
    assert "scanning" in terminal.getvalue()


def test_a_scan_is_silent_elsewhere(capsys: Capture) -> None:
    with show_scan(10, quiet=False) as scanned:
        scanned(5)
    assert capsys.readouterr() == ("", "")


def test_an_error_ends_the_bar(terminal: Terminal) -> None:
    with pytest.raises(ZeroDivisionError), redirect_stderr(terminal), show_progress(quiet=False):
        raise ZeroDivisionError
    assert "\x1b[?25h" in terminal.getvalue()  # the cursor is visible again
