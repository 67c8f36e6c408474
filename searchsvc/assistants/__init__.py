"""The archive for assistants: tools and resources of the Model Context Protocol (MCP), in `searchsvc mcp`.

A tool is a function of `tools`: its parameters, its docstring and its answer, a class of `answers`, describe it to the
assistant. This package needs the extra `mcp`, and only `server` and `http` import its library.
"""
