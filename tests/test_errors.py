"""The two families of errors, what each carries, and the exit status of commands for each."""

import ast
import pickle
import re

import click
import pytest
from click.testing import CliRunner

from searchsvc import errors
from searchsvc.cli.options import CommandGroup
from searchsvc.errors import (
    BusyError,
    ConflictError,
    EngineError,
    NoIndexError,
    NotFoundError,
    OverloadError,
    SearchsvcError,
    ServiceError,
    UnavailableError,
    UserError,
)
from tests.conftest import ROOT

USER = (UserError, ConflictError, NotFoundError, OverloadError)
SERVICE = (ServiceError, EngineError, BusyError, UnavailableError, NoIndexError)


@pytest.mark.parametrize("kind", [*USER, *SERVICE])
def test_every_error_is_of_one_family(kind: type[SearchsvcError]) -> None:
    assert issubclass(kind, SearchsvcError)
    assert issubclass(kind, UserError) != issubclass(kind, ServiceError)
    assert issubclass(kind, UserError) == (kind in USER)


def test_the_map_names_every_error() -> None:
    defined = {name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)}
    assert set(re.findall(r"\w+Error\b", errors.__doc__ or "")) == defined
    assert defined == {each.__name__ for each in (SearchsvcError, *USER, *SERVICE)}


@pytest.mark.parametrize("kind", USER)
@pytest.mark.parametrize(
    ("param", "hint", "position"), [(None, None, None), ("q", None, 0), ("sort", "newest", None), ("q", "tea", 1_000)]
)
def test_errors_of_users_say_where_and_what_instead(
    kind: type[UserError], param: str | None, hint: str | None, position: int | None
) -> None:
    error = kind("the query “तेल” is wrong", param=param, hint=hint, position=position)
    assert str(error) == "the query “तेल” is wrong"
    assert (error.param, error.hint, error.position) == (param, hint, position)


@pytest.mark.parametrize("error", [UserError("x", param="q", hint="y", position=3), NotFoundError("x"), BusyError("x")])
def test_errors_travel_between_processes(error: SearchsvcError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert (str(copy), vars(copy)) == (str(error), vars(error))


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        *((kind("the message"), 2, "the message") for kind in USER),
        *((kind("the message"), 1, "the message") for kind in SERVICE),
        (SearchsvcError("the message"), 1, "the message"),
        (PermissionError(13, "Permission denied", "/srv/x"), 1, "/srv/x: Permission denied"),
        (OSError("no details"), 1, "no details"),
        (KeyboardInterrupt(), 1, "interrupted; the live generation is intact"),
    ],
)
def test_commands_report_an_error_in_one_line(error: BaseException, status: int, message: str) -> None:
    @click.group(cls=CommandGroup)
    def group() -> None:
        pass

    @group.command()
    def fail() -> None:
        raise error

    result = CliRunner().invoke(group, ["fail"])
    assert (result.exit_code, result.stdout, result.stderr) == (status, "", f"searchsvc: {message}\n")


def test_a_bug_is_no_error_of_the_user() -> None:
    @click.group(cls=CommandGroup)
    def group() -> None:
        pass

    @group.command()
    def fail() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(group, ["fail"]).exception, ZeroDivisionError)


def test_every_message_of_a_503_that_may_name_a_path_has_a_public_one_without() -> None:
    raised = 0
    for file in (ROOT / "searchsvc").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("NoIndexError", "UnavailableError", "kind"):
                raised += 1
                values = [
                    ast.unparse(each.value) for each in ast.walk(node.args[0]) if isinstance(each, ast.FormattedValue)
                ]
                is_public = all(value.isupper() for value in values)  # constants
                assert is_public or any(keyword.arg == "public" for keyword in node.keywords), ast.unparse(node)
    assert raised > 8


def test_the_message_for_clients_is_the_public_one_if_there_is_one() -> None:
    assert ServiceError("in /srv").public == "in /srv"
    assert NoIndexError("in /srv", public="somewhere").public == "somewhere"
    assert UserError("page is wrong").public == "page is wrong"
