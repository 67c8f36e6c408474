"""`searchsvc search --kwic`: matches below each other."""

import json

from click.testing import CliRunner, Result
from rich.cells import cell_len

from searchsvc.cli import main
from searchsvc.cli.concordance import _text
from searchsvc.config import Settings
from searchsvc.model import Article
from searchsvc.search.concordance import CONTEXT, Line


def run(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["search", "--kwic", *arguments], env={"SEARCHSVC_INDEX": str(settings.index)})


def test_matches_are_below_each_other(sample: Settings) -> None:
    total, *lines = run(sample, "tide", "--sort", "left").stdout.splitlines()
    assert total == "14 lines in 9 articles"
    assert len(lines) == 14
    assert {line[12 + CONTEXT :][:4].lower() for line in lines} == {"tide"}
    before = [line[12 : 12 + CONTEXT].lower().split()[-1:] for line in lines]
    assert [words for words in before if words] == sorted(words for words in before if words)


def test_options_narrow_the_lines_and_json_is_that_of_the_api(sample: Settings) -> None:
    found = json.loads(run(sample, "tide", "--filter", "source:HNA", "--json").stdout)
    assert {line["source"] for line in found["results"]} == {"HNA"}
    assert found["links"]["self"] == "/api/v1/concordance?q=tide&source=HNA"


def test_a_page_beyond_the_last_is_an_error(sample: Settings) -> None:
    for query, page in (("tide", 2), ("zyxwv", 2)):
        for form in ([], ["--json"]):
            refused = run(sample, query, "--page", str(page), *form)
            assert (refused.exit_code, refused.stdout) == (2, "")
            assert f"there is no page {page}; the last one is 1" in refused.stderr
    assert run(sample, "zyxwv").stdout == "0 lines in 0 articles\n"


def test_wrong_usage_is_told(sample: Settings) -> None:
    assert "a concordance needs a word or a phrase" in run(sample, "source:HNA").stderr
    assert "--kwic cannot be combined with --batch" in run(sample, "--batch", "x.txt").stderr
    for option in (["--per-page", "5"], ["--versions", "one"]):
        assert f"{option[0]} cannot be combined with --kwic, which prints" in run(sample, "tide", *option).stderr
    assert "sort is “up”" in run(sample, "tide", "--sort", "up").stderr


def test_lines_are_as_wide_as_the_terminal_in_any_script() -> None:
    for before, after in (("水" * 90, "山" * 90), ("word " * 18, " tail" * 18), ("", ""), ("a\x1b[31mb ", "\x07")):
        line = Line(Article("1", "T", "", "p"), "body", 1, before, "茶", after, (), ())
        text = _text(line, 24, 72)
        assert cell_len(text.plain) <= 72
        assert cell_len(text.plain.partition("茶")[0]) == 36
        assert "\x1b" not in text.plain
