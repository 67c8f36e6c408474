"""Options shared by the commands, and errors as one line with an exit status."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click
from click.core import ParameterSource

from searchsvc.config import SETTINGS, Integer, OneOf, Setting, load_settings
from searchsvc.errors import SearchsvcError, ServiceError, UserError
from searchsvc.model.limits import MAX_DEPTH, MAX_PER_PAGE, PER_PAGE, Match, Sort, VersionChoice

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

_Command = Callable[..., None]
_SETTINGS = {setting.name: setting for setting in SETTINGS}

_AS_JSON = f"{__name__}.as_json"
_JSON = "--json"

json_option = click.option(_JSON, "as_json", is_flag=True, help="Print JSON.")


class CommandGroup(click.Group):
    """A group of commands that reports errors in one line, or with `--json` as JSON, on standard error.

    Exit status is 2 for wrong usage, and 1 for failures.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_AS_JSON] = _JSON in (args[: args.index("--")] if "--" in args else args)
        with _reporting_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _reporting_errors():
            return super().invoke(ctx)


@contextmanager
def _reporting_errors() -> Iterator[None]:
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        _fail(_described(error))
    except SearchsvcError as error:
        _fail(error)
    except BrokenPipeError:
        # The program that reads the output has closed it. Python would fail to flush the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        reason = error.strerror or str(error)
        _fail(ServiceError(f"{error.filename}: {reason}" if error.filename else reason))
    except KeyboardInterrupt:
        _fail(ServiceError("interrupted; the live generation is intact"))


class CheckedOption(click.Option):
    """An option whose type is for help and shell completion. Whoever parses its value checks it, as on the API.

    The help shows a `usual` value, which applies if none is given.
    """

    def __init__(self, *args: Any, usual: object = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._usual = usual

    def get_help_extra(self, ctx: click.Context) -> "OptionHelpExtra":
        extra = super().get_help_extra(ctx)
        return extra if self._usual is None else {**extra, "default": str(self._usual)}

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        return value


def settings_options(*names: str, serving: bool = False) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the options of some settings to a command, and calls it with all settings.

    If `serving`, the settings include those of a hosting platform.
    """

    def decorate(command: _Command) -> _Command:
        @click.pass_context
        @wraps(command)
        def decorated(ctx: click.Context, /, **given: Any) -> None:
            values = {name: given.pop(name) for name in names}
            options = {name: value for name, value in values.items() if is_given(ctx, name)}
            command(load_settings(os.environ, ctx.obj, options, serving=serving), **given)

        for name in reversed(names):
            decorated = _option(_SETTINGS[name])(decorated)
        return decorated

    return decorate


def is_given(ctx: click.Context, name: str) -> bool:
    """Return whether an option is on the command line, and not a default."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _option(setting: Setting) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the option of a setting."""
    metavar, kind = _metavar_and_type(setting)
    return click.option(
        *(setting.option, setting.name),
        cls=CheckedOption,
        metavar=metavar,
        type=kind,
        default=None if setting.default == () else setting.default,
        show_default=True,
        help=setting.help,
    )


def _metavar_and_type(setting: Setting) -> "tuple[str | None, click.ParamType[Any]]":
    match setting.parse, setting.default:
        case Integer(least, most), _:
            return "N", click.IntRange(least, most)
        case OneOf(choices), _:
            return None, click.Choice(choices)
        case _, Path():
            return "FOLDER", click.Path(file_okay=False)
        case _:
            return "VALUE", click.STRING


def filter_options(command: _Command) -> _Command:
    """Add the options by which a command narrows its articles."""
    last = click.option("--to", metavar="DATE", help="Last day, month or year.")(command)
    first = click.option("--from", metavar="DATE", help="First day, month or year: 2022-12-23, 2022-12 or 2022.")(last)
    return click.option(
        *("--filter", "filters"),
        multiple=True,
        metavar="FIELD:VALUE",
        help="Only articles with this value of a field; -FIELD:VALUE without it, FIELD:10..20 for numbers; repeatable.",
    )(first)


def query_options(usual_sort: Sort) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the options that say which articles a query finds, and in which order."""

    def decorate(command: _Command) -> _Command:
        sort, match = click.Choice(get_args(Sort)), click.Choice(get_args(Match))
        help_of_match = "Match all of the words, or any."
        last = click.option("--match", cls=CheckedOption, type=match, usual="all", help=help_of_match)(command)
        return filter_options(
            click.option("--sort", cls=CheckedOption, type=sort, usual=usual_sort, help="Sort order.")(last)
        )

    return decorate


def page_options(command: _Command) -> _Command:
    """Add the options that choose a page of hits."""
    choice = click.Choice(get_args(VersionChoice))
    command = click.option(
        "--versions", cls=CheckedOption, type=choice, usual="one", help="One hit of each story, or all articles."
    )(command)
    number, length = click.IntRange(1, MAX_DEPTH), click.IntRange(1, MAX_PER_PAGE)
    per_page = click.option(
        "--per-page", cls=CheckedOption, type=length, metavar="N", usual=PER_PAGE, help="Hits per page."
    )
    page = click.option("--page", cls=CheckedOption, type=number, metavar="N", usual=1, help="Page number.")
    return page(per_page(command))


def show_error(error: SearchsvcError) -> None:
    """Print an error on standard error, in one line, or as JSON with `--json`."""
    as_json = click.get_current_context().meta[_AS_JSON]
    click.echo(_problem(error, _status(error)) if as_json else f"searchsvc: {error}", err=True)


def _fail(error: SearchsvcError) -> NoReturn:
    show_error(error)
    sys.exit(_status(error))


def _status(error: SearchsvcError) -> int:
    return 2 if isinstance(error, UserError) else 1


def _described(error: click.UsageError) -> UserError:
    """Return an error that click has found in the form of our own."""
    named = getattr(error, "possibilities", None)  # of unknown options and commands
    message = (error.format_message() if named is None else error.message).rstrip(".")
    unknown = error.option_name if isinstance(error, click.NoSuchOption) else None
    param = error.param.name if isinstance(error, click.BadParameter) and error.param is not None else unknown
    hint = named[0] if named and unknown != _JSON else None
    return UserError(f"{message[:1].lower()}{message[1:]}; {_advice(error, unknown, hint)}", param=param, hint=hint)


def _advice(error: click.UsageError, unknown: str | None, hint: str | None) -> str:
    command = error.ctx.command_path if error.ctx is not None else "searchsvc"
    if unknown and not unknown.startswith("--") and command.endswith((" search", " export")):
        return f"to leave out a word, write -- in front of the words, as in `{command} -- tide -tea`"
    if unknown == _JSON and " " not in command:
        return "write it after the command, as in `searchsvc search tea --json`"
    return f"did you mean {hint}?" if hint else f"see `{command} --help`"


def _problem(error: SearchsvcError, status: int) -> str:
    """Return an error as JSON, with the members that the API's problems have too."""
    known = {name: getattr(error, name, None) for name in ("param", "position", "hint")}
    members = {name: value for name, value in known.items() if value is not None}
    return json.dumps({"status": status, "detail": str(error)} | members, indent=2)
