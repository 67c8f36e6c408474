"""The command `mcp`: the archive for assistants."""

import click

from searchsvc import __version__
from searchsvc.config import Settings
from searchsvc.errors import UserError
from searchsvc.extras import describe_missing
from searchsvc.logs import configure_logging


def run(settings: Settings, *, over_http: bool) -> None:
    """Serve assistants over standard input and output, or over HTTP. Raise UserError if the extra is missing."""
    if missing := describe_missing("mcp"):
        raise UserError(f"the command mcp {missing}")
    from searchsvc.assistants import http, server

    tools = server.mcp_server(settings, __version__) if not over_http else None
    configure_logging(settings.log_format)  # after the library, which has a form of its own
    if tools is not None:
        tools.run("stdio")
        return
    click.echo(f"serving {settings.index} for assistants on {http.address(settings)} (press ctrl-C to stop)", err=True)
    http.serve(settings, __version__)
