"""Front matter of Markdown files, in YAML, TOML or JSON. What is not well formed is read line by line."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import orjson
import yaml

from searchsvc.model.languages import MARKS

MAX_FRONT_MATTER = 64 * 1024  # characters: the parsers read about as many in a second
MAX_DEPTH = 100  # of lists and objects in brackets, in YAML
MAX_KEY_PARTS = 100  # of a dotted key in TOML: the parser keeps all beginnings of a key
MAX_PART = 8 * 1024  # characters of one of its fields that is parsed: a long one has been tried already
MAX_PARTS = 200  # of front matter that is not well formed, which are parsed one by one

_YAML = re.compile(r"\s*---[ \t]*\n(?:(.*?)\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\s*\+\+\+[ \t]*\n(?:(.*?)\n)??\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_JSON = re.compile(r"\s*(\{[ \t]*\n.*?\n\})[ \t]*(?:\n|\Z)", re.DOTALL)
_LONG_KEY = re.compile(rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{MAX_KEY_PARTS}}}""")
_PART = re.compile(r"""["']?([^\s:="'#\[{-][^:="'\n]{0,60})["']?[ \t]*[:=](?:[ \t].*|$)""")
_PART_SIGN = re.compile("([:=])")
# YAML would take them for comments.
_HASHTAGS = re.compile(rf"^([\w{MARKS} -]+:[ \t]+)(#[^\s#\n][^\n\"\\]*)$", re.MULTILINE)
_PANDOC = re.compile(r"%[ \t]+(\S.*)\n(?:%[ \t]*(.*)\n)?(?:%[ \t]*(.*)\n)?")
_PLACEHOLDER = re.compile(r"""["']?(?:\{\{.*\}\}|<%.*%>)["']?""", re.DOTALL)
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_TOO_DEEP = "it is nested too deeply"


class FrontMatter(NamedTuple):
    """The fields of front matter, the text after it, and what is wrong with it, or "" if nothing is."""

    fields: dict[str, Any]
    text: str
    fault: str = ""


class _MalformedError(Exception):
    """Front matter cannot be parsed as a whole."""


class _Loader(yaml.BaseLoader):
    """A YAML loader that keeps every value as it is written. Other loaders convert times, versions and `no`.

    It refuses aliases, since a few lines of them can stand for any number of values, and very many open brackets, since
    each takes longer than the one before.
    """

    def fetch_flow_collection_start(self, token_class: type[yaml.Token]) -> None:
        if self.flow_level == MAX_DEPTH:
            raise yaml.scanner.ScannerError(None, None, _TOO_DEEP, self.get_mark())
        super().fetch_flow_collection_start(token_class)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not supported", mark)
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> FrontMatter:
    """Split a text into its front matter and what follows it. The fields are {} if there is none."""
    for pattern, load in _LOADERS:
        match = pattern.match(text)
        if match is not None:
            return _read(match[1] or "", load, text, text[match.end() :])
    if (title_block := _PANDOC.match(text)) is not None:
        found = zip(("title", "author", "date"), title_block.groups(""), strict=True)
        return FrontMatter({name: value.strip() for name, value in found if value}, text[title_block.end() :])
    return FrontMatter({}, text)


def _read(front_matter: str, load: Callable[[str], Any], whole: str, rest: str) -> FrontMatter:
    if len(front_matter) > MAX_FRONT_MATTER:
        return FrontMatter({}, whole, f"has front matter of more than {MAX_FRONT_MATTER // 1024} KiB, read as text")
    try:
        fields = load(front_matter)
    except _MalformedError as error:
        fields = dict(_read_parts(front_matter.expandtabs(2).strip("\n").split("\n"), load))
        fault = f"has front matter that is not well formed, read line by line: {error}"
        return FrontMatter(fields, rest, fault) if fields else FrontMatter({}, whole)
    if fields and not isinstance(fields, dict):
        return FrontMatter({}, whole)  # text between two lines, or a list
    return FrontMatter(fields or {}, rest)


def _read_parts(lines: list[str], load: Callable[[str], Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that can be read one by one, each as it is written if it is not well formed.

    Yield none if the first line gives no field, or if there are too many: then the lines are text between two others.
    """
    starts = [number for number, line in enumerate(lines) if _PART.fullmatch(line) is not None]
    if starts[:1] != [0] or len(starts) > MAX_PARTS:
        return
    for start, end in pairwise([*starts, len(lines)]):
        yield _read_part(lines[start:end], load)


def _read_part(lines: list[str], load: Callable[[str], Any]) -> tuple[str, Any]:
    """Return the name and value of a field, given its line and those that belong to it."""
    name, _, value = (part.strip() for part in _PART_SIGN.split(lines[0], maxsplit=1))
    name = name.strip("\"'")
    part = "\n".join(lines)
    try:
        fields = load(part) if len(part) <= MAX_PART else None
    except _MalformedError:
        fields = None
    if isinstance(fields, dict) and fields.get(name) is not None:
        return name, fields[name]
    further = [line.strip() for line in lines[1:] if line.strip()]
    if not value and further and all(line.startswith("-") for line in further):
        return name, [line[1:].strip() for line in further]
    return name, " ".join([value.strip("\"'"), *further]).strip()


def usable_fields(fields: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields without the placeholders of templates, and without the brackets of links between notes."""
    values = ((str(name), _value(value)) for name, value in fields.items())
    return {name: value for name, value in values if value is not None}


def _value(value: Any) -> Any:
    match value:
        case str() if _PLACEHOLDER.fullmatch(value):
            return None
        case str():
            return _WIKI_LINK.sub(r"\1", value)
        case list():
            return [_value(item) if isinstance(item, str) else item for item in value]
    return value


def _load_yaml(text: str) -> Any:
    try:
        return yaml.load(_HASHTAGS.sub(r'\1"\2"', text), _Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError) as error:
        raise _MalformedError(" ".join(str(error).split())) from error
    except RecursionError:
        raise _MalformedError(_TOO_DEEP) from None


def _load_toml(text: str) -> Any:
    if _LONG_KEY.search(text):
        raise _MalformedError(f"a key has more than {MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _MalformedError(str(error)) from error
    except RecursionError:
        raise _MalformedError(_TOO_DEEP) from None


def _load_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _MalformedError(str(error)) from error


_LOADERS = ((_YAML, _load_yaml), (_TOML, _load_toml), (_JSON, _load_json))
