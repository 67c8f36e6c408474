"""The extras of the package: what `pip install 'searchsvc[NAME]'` adds to it, and what to say where one is missing."""

from importlib.util import find_spec

LIBRARIES = {
    "crawls": ("warcio", "brotli"),
    "documents": ("pypdfium2",),
    "markdown": ("markdown_it", "yaml"),
    "mcp": ("mcp",),
    "opensearch": ("opensearchpy",),
    "whoosh": ("whoosh",),
}
"""The modules that each extra brings."""


def describe_missing(extra: str) -> str:
    """Return what an extra lacks and how to install it, as in `needs warcio: pip install …`.

    Return "" if it lacks nothing.
    """
    for library in LIBRARIES[extra]:
        if find_spec(library) is None:
            return f"needs {library}: pip install 'searchsvc[{extra}]'"
    return ""
