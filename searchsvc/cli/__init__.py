"""The command line, `searchsvc`: commands and options, output for people or as JSON, and exit status.

Each command calls the package that does its work, and only prints the result. Importing this package loads no engine, no
reader of files and no Flask, since shell completion does it on every Tab.
"""

from searchsvc.cli.commands import main

__all__ = ["main"]
