"""The MCP server: it lists the tools and resources to an assistant, and calls them."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError, UnexpectedToolError
from mcp.server.mcpserver.resources import ResourceSecurity
from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from searchsvc.assistants.arguments import invalid_argument, message_for_tools, unknown_argument
from searchsvc.assistants.tools import TOOLS, URI, Tools
from searchsvc.config import Settings
from searchsvc.errors import NotFoundError, SearchsvcError, UserError
from searchsvc.search import SearchService

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

_log = logging.getLogger(__name__)
_READING = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


class ArchiveTool(Tool):
    """A tool that refuses unknown arguments, which the library ignores, and whose errors are told as people get them."""

    async def run(self, arguments: dict[str, Any], context: "Context[Any, Any]", convert_result: bool = False) -> Any:
        """Run the tool. Raise ToolError, with a message in the words of its arguments."""
        schemas = self.parameters["properties"]
        if unknown := unknown_argument(arguments, schemas):
            raise ToolError(unknown)
        try:
            return await super().run(arguments, context, convert_result)
        except ToolError as error:
            match error.__cause__:
                case SearchsvcError() as cause:
                    raise ToolError(_message(cause)) from cause
                case ValidationError() as cause if not isinstance(error, UnexpectedToolError):
                    raise ToolError(invalid_argument(cause, arguments, schemas)) from cause
            raise


def mcp_server(settings: Settings, version: str) -> "MCPServer[object]":
    """Return the server of an archive, which tells its version. It opens the index when it is asked."""
    tools = Tools(SearchService(settings))
    server: MCPServer[object] = MCPServer(
        "searchsvc",
        title=settings.title,
        version=version,
        instructions=_instructions(settings),
        tools=[_tool(tools, name) for name in TOOLS],
        subscriptions=False,
        log_level="WARNING",
    )
    # An id may look like a path, but none is opened by it.
    anything = ResourceSecurity(exempt_params={"id"})
    article = server.resource(f"{URI}{{id}}", name="article", description="An article as plain text.", security=anything)
    article(_article_reader(tools))
    return server


def _tool(tools: Tools, name: str) -> Tool:
    tool = ArchiveTool.from_function(getattr(tools, name), name, annotations=_READING, structured_output=True)
    tool.parameters["additionalProperties"] = False  # which the library leaves open
    return tool


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


def _message(error: SearchsvcError) -> str:
    """Return what to tell the assistant. Faults of the service are logged."""
    if not isinstance(error, UserError):
        _log.error("%s", error)
    return message_for_tools(error)
