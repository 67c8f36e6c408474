"""What commands accept, and what they say: choices in their help, several words, and errors in one form."""

import json
import os
import subprocess
import sys
from typing import get_args

import click
import pytest
from click.testing import CliRunner, Result

from searchsvc.cli import main
from searchsvc.config import ENGINES, SETTINGS, Settings
from searchsvc.query.request import Match, Sort
from tests.conftest import ROOT, Archive

COMMANDS = main.commands if isinstance(main, click.Group) else {}


def run(settings: Settings, *arguments: str, **environ: str) -> Result:
    paths = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    return CliRunner().invoke(main, list(arguments), env=paths | environ, catch_exceptions=False)


# Help


def test_the_help_of_every_command_fits_into_a_line() -> None:
    lines = CliRunner().invoke(main, ["--help"]).stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == sorted(COMMANDS)
    assert [line for line in lines if line.endswith("...") or not line.endswith(".")] == []


def test_help_shows_choices_ranges_and_defaults() -> None:
    shown = " ".join(CliRunner().invoke(main, ["reindex", "--help"]).stdout.split())
    assert f"--engine [{'|'.join(ENGINES)}]" in shown
    assert "--index FOLDER Folder for the index. It can be deleted and rebuilt at any time. [default: index]" in shown
    assert "[default: 0; 0<=x<=1000]" in shown
    shown = " ".join(CliRunner().invoke(main, ["search", "--help"]).stdout.split())
    assert f"--sort [{'|'.join(get_args(Sort))}] Sort order. [default: relevance]" in shown
    assert f"--match [{'|'.join(get_args(Match))}] Match all of the words, or any. [default: all]" in shown
    assert "--page N Page number. [default: 1; 1<=x<=10000]" in shown
    assert "--per-page N Hits per page. [default: 10; 1<=x<=100]" in shown
    shown = " ".join(CliRunner().invoke(main, ["export", "--help"]).stdout.split())
    assert "Sort order. [default: newest]" in shown
    for command, number in (("quote", "10; 1<=x<=100"), ("inspect", "3; x>=1")):
        assert f"to show. [default: {number}]" in " ".join(CliRunner().invoke(main, [command, "--help"]).stdout.split())


def test_every_option_of_a_setting_has_its_help() -> None:
    of_settings = {each.name: each for each in SETTINGS}
    options = [option for command in COMMANDS.values() for option in command.params if option.name in of_settings]
    assert len(options) > 15
    for option in options:
        assert isinstance(option, click.Option)
        assert option.help == of_settings[option.name or ""].help


def test_a_default_in_the_help_is_not_given(archive: Archive) -> None:
    archive.write({"a.txt": "tea"})
    assert run(archive.settings, "reindex", SEARCHSVC_ENGINE="whoosh").exit_code == 0
    assert "whoosh" in run(archive.settings, "stats").stdout


# Words


@pytest.fixture
def tides(archive: Archive) -> Settings:
    texts = ("The tide and a ferry", "A ferry, the tide, tea", "The working group and the tide", "A group, working")
    archive.write({f"{number}.txt": f"Title: {number}\n\n{text}" for number, text in enumerate(texts)})
    run(archive.settings, "reindex")
    return archive.settings


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], [0, 1, 2, 3]),
        (["tide", "ferry"], [0, 1]),
        (["tide ferry"], [0, 1]),
        (["tide", "OR", "tea"], [0, 1, 2]),
        (["--", "-tea"], [0, 2, 3]),
        (["--", "tide", "-tea"], [0, 2]),
        (["--match", "any", "--", "ferry", "-tea"], [0]),
        (['"working group"'], [2]),
        (['"working', 'group"'], [2]),
        (["working", "group"], [2, 3]),
        (['"working group"', "tide"], [2]),
    ],
)
def test_words_are_one_query(tides: Settings, words: list[str], found: list[int]) -> None:
    answer = json.loads(run(tides, "search", "--json", *words).stdout)
    assert sorted(int(hit["title"]) for hit in answer["results"]) == found


def test_words_of_a_quotation_need_no_quotation_marks(tides: Settings) -> None:
    assert run(tides, "quote", "the", "working", "group").stdout.startswith("printed word for word in 1 article")


def test_a_filter_is_a_field_also_if_a_parameter_has_its_name(archive: Archive) -> None:
    archive.write({"a.jsonl": '{"text": "tea", "page": 7, "url": "http://a.example"}\n{"text": "tea", "page": 8}'})
    run(archive.settings, "reindex")
    assert run(archive.settings, "search", "--filter", "page:7").stdout.startswith("1 article in")


# Errors


@pytest.mark.parametrize(
    ("arguments", "param", "hint"),
    [
        (["search", "--json", "--sorted"], "--sorted", "--sort"),
        (["search", "--sorted", "--json"], "--sorted", "--sort"),
        (["--json"], "--json", None),
        (["serch", "--json"], None, "search"),
        (["serve", "--json"], "--json", None),
        (["reindex", "--json", "--engine", "lucene"], "engine", None),
        (["search", "--json", "--filter", "plcae:x"], "filter", "place"),
        (["search", "--json", "--sort", "newst"], "sort", "newest"),
        (["inspect", "--json", "--limit", "x", "y"], "limit", None),
        (["report", "--json", "/none"], "log", None),
        (["export", "--json", "--format", "xml"], "form", None),
        (["--config", "/none.toml", "stats", "--json"], "config", None),
    ],
)
def test_wrong_usage_is_json_for_programs(
    sample: Settings, arguments: list[str], param: str | None, hint: str | None
) -> None:
    result = run(sample, *arguments)
    problem = json.loads(result.stderr)
    assert (result.exit_code, result.stdout, problem["status"]) == (2, "", 2)
    assert (problem.get("param"), problem.get("hint")) == (param, hint)


def test_failures_are_json_for_programs() -> None:
    result = CliRunner().invoke(main, ["search", "--json", "--index", "/none"])
    assert (result.exit_code, json.loads(result.stderr)["status"]) == (1, 1)


def test_an_argument_that_looks_like_the_option_does_not_turn_on_json() -> None:
    result = CliRunner().invoke(main, ["search", "--index", "/none", "--", "--json"])
    assert (result.exit_code, result.stderr[:11]) == (1, "searchsvc: ")


def test_without_a_command_the_help_is_shown() -> None:
    result = CliRunner().invoke(main, [])
    assert (result.exit_code, result.stderr.startswith("Usage: searchsvc [OPTIONS] COMMAND")) == (2, True)


def test_a_misspelt_variable_is_an_error_of_every_command(sample: Settings) -> None:
    result = run(sample, "stats", "--json", SEARCHSVC_WORKER="2")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["hint"] == "SEARCHSVC_WORKERS"


@pytest.mark.parametrize("command", [["search", "tea"], ["stats"], ["export"], ["export", "--format", "csv"]])
def test_a_closed_pipe_is_no_error_to_talk_about(sample: Settings, command: list[str]) -> None:
    full = [sys.executable, "-m", "searchsvc", *command, "--index", str(sample.index)]
    with subprocess.Popen(full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1
