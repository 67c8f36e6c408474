"""The command line, `searchsvc`: commands and options, output for people or as JSON, and exit status.

`main` is the entry point. Each command calls the package that does its work, and only prints the result. Importing this
package must stay fast, since shell completion does it on every Tab: it loads no engine, no reader of files and no Flask.
"""

from searchsvc.cli.commands import main

__all__ = ["main"]
