"""Options shared by the commands, and errors as one line with an exit status."""

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

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class CommandGroup(click.Group):
    """A group of commands that reports errors in one line. Exit status is 2 for wrong usage, and 1 for failures."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
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


def settings_options(*names: str) -> Callable[[_Command], _Command]:
    """Return a decorator that adds the options of some settings to a command, and calls it with all settings."""

    def decorate(command: _Command) -> _Command:
        @click.pass_obj
        @wraps(command)
        def decorated(config: Path, /, **given: Any) -> None:
            command(load_settings(os.environ, config, {name: given.pop(name) for name in names}), **given)

        for name in reversed(names):
            decorated = click.option(f"--{name}", name, default=None, metavar="VALUE", help=_HELP[name])(decorated)
        return decorated

    return decorate


def _fail(error: SearchsvcError, status: int) -> NoReturn:
    click.echo(f"searchsvc: {error}", err=True)
    sys.exit(status)
