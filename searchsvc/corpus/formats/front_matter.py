"""Front matter of Markdown files, in YAML or TOML."""

import re
import tomllib
from typing import Any

import yaml

from searchsvc.errors import UserError

MAX_FRONT_MATTER = 64 * 1024  # characters: the parsers read about as many in a second
MAX_KEY_PARTS = 100  # of a dotted key in TOML: the parser keeps all beginnings of a key

_FRONT_MATTER = re.compile(r"\s*(---|\+\+\+)[ \t]*\n(.*?)\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{MAX_KEY_PARTS}}}""")


class _Loader(yaml.BaseLoader):
    """A YAML loader that keeps every value as it is written. Other loaders convert times, versions and `no`.

    It refuses aliases, since a few lines of them can stand for any number of values.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not supported", mark)
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter of a text, or {} if there is none, and the text after it.

    Raise UserError if the front matter is malformed or too long.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return {}, text
    if len(match[2]) > MAX_FRONT_MATTER:
        raise UserError(f"has front matter of more than {MAX_FRONT_MATTER // 1024} KiB")
    try:
        front_matter = _load_toml(match[2]) if match[1] == "+++" else yaml.load(match[2], _Loader)  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"has front matter that is not well formed: {' '.join(str(error).split())}") from error
    except RecursionError:
        raise UserError("has front matter that is nested too deeply") from None
    if not isinstance(front_matter, dict):
        raise UserError("has front matter that is not a list of `name: value`")
    return {str(name): value for name, value in front_matter.items()}, text[match.end() :]


def _load_toml(text: str) -> dict[str, Any]:
    if _LONG_KEY.search(text):
        raise UserError(f"has front matter with a key of more than {MAX_KEY_PARTS} parts")
    return tomllib.loads(text)
