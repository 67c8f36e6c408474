"""The MCP server: it lists the tools and resources to an assistant, and calls them."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError
from mcp.server.mcpserver.resources import ResourceSecurity
from mcp.types import ToolAnnotations

from searchsvc.assistants.tools import TOOLS, URI, Tools
from searchsvc.config import Settings
from searchsvc.errors import NotFoundError, SearchsvcError, UserError
from searchsvc.search import SearchService

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


def mcp_server(settings: Settings) -> "MCPServer[object]":
    """Return the server of an archive. It opens the index when it is asked."""
    tools = Tools(SearchService(settings))
    server: MCPServer[object] = MCPServer(
        "searchsvc",
        title=settings.title,
        instructions=_instructions(settings),
        subscriptions=False,
        log_level="WARNING",
    )
    reading = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    for name in TOOLS:
        server.add_tool(_reporting(getattr(tools, name), ToolError), name, annotations=reading, structured_output=True)
    # An id may look like a path, but none is opened by it.
    anything = ResourceSecurity(exempt_params={"id"})
    article = server.resource(f"{URI}{{id}}", name="article", description="An article as plain text.", security=anything)
    article(_article_reader(tools))
    return server


def _instructions(settings: Settings) -> str:
    return (
        f"The archive “{settings.title}”. Search it, read articles whole before you rely on them, and name the title, the "
        "source and the date of each article that you cite. Check quotations with check_quote before you print them."
    )


def _article_reader(tools: Tools) -> Callable[[str], str]:
    def read(id: str) -> str:  # noqa: A002  the name in the address
        try:
            return tools.read_article(id)
        except NotFoundError as error:
            raise ResourceNotFoundError(str(error)) from error
        except SearchsvcError as error:
            raise ResourceError(_message(error)) from error

    return read


def _reporting(tool: Callable[_P, _T], kind: type[Exception]) -> Callable[_P, _T]:
    """Return a tool whose errors are told as people get them. Faults of the service are logged."""

    @wraps(tool)
    def reporting(*given: _P.args, **named: _P.kwargs) -> _T:
        try:
            return tool(*given, **named)
        except SearchsvcError as error:
            raise kind(_message(error)) from error

    return reporting


def _message(error: SearchsvcError) -> str:
    if not isinstance(error, UserError):
        _log.error("%s", error)
    return error.public
