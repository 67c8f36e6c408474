"""Options shared by the commands, and errors as one line with an exit status."""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from searchsvc.config import SETTINGS, load_settings
from searchsvc.errors import SearchsvcError, ServiceError, UserError

_Command = Callable[..., None]
_HELP = {setting.name: f"{setting.help} [default: {setting.default}]" for setting in SETTINGS}

_AS_JSON = f"{__name__}.as_json"
_JSON = "--json"

json_option = click.option(_JSON, "as_json", is_flag=True, help="Print JSON.")


class CommandGroup(click.Group):
    """A group of commands that reports errors in one line, or with `--json` as JSON, on standard error.

    Exit status is 2 for wrong usage, and 1 for failures.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_AS_JSON] = _JSON in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if not ctx.meta[_AS_JSON]:
                raise
            _fail(UserError(error.format_message()), error.exit_code)
        except SearchsvcError as error:
            _fail(error, 2 if isinstance(error, UserError) else 1)
        except BrokenPipeError:
            # The program that reads the output has closed it. Python would fail to flush the rest at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except OSError as error:
            _fail(ServiceError(f"{error.filename}: {error.strerror}" if error.filename else str(error)), 1)
        except KeyboardInterrupt:
            _fail(ServiceError("interrupted; the live generation is intact"), 1)


def settings_options(*names: str, serving: bool = False) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the options of some settings to a command, and calls it with all settings.

    If `serving`, the settings include those of a hosting platform.
    """

    def decorate(command: _Command) -> _Command:
        @click.pass_obj
        @wraps(command)
        def decorated(config: Path, /, **given: Any) -> None:
            options = {name: given.pop(name) for name in names}
            command(load_settings(os.environ, config, options, serving=serving), **given)

        for name in reversed(names):
            decorated = click.option(f"--{name.replace('_', '-')}", name, default=None, metavar="VALUE", help=_HELP[name])(decorated)
        return decorated

    return decorate


def _fail(error: SearchsvcError, status: int) -> NoReturn:
    as_json = click.get_current_context().meta[_AS_JSON]
    click.echo(_problem(error, status) if as_json else f"searchsvc: {error}", err=True)
    sys.exit(status)


def _problem(error: SearchsvcError, status: int) -> str:
    """Return an error as JSON, with the members that the API's problems have too."""
    known = {name: getattr(error, name, None) for name in ("param", "position", "hint")}
    members = {name: value for name, value in known.items() if value is not None}
    return json.dumps({"status": status, "detail": str(error)} | members, indent=2)
