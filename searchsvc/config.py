"""Settings: the name, default, help text and parser of each, in one place.

A value comes from an option on the command line, else from the environment variable `SEARCHSVC_` plus the upper-case
name, else from `searchsvc.toml` in the working directory, else from the default.
"""

# ruff: noqa: RUF009  `_setting` only calls dataclasses.field

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from searchsvc.errors import UserError
from searchsvc.model.article import FIELDS, FieldMapping
from searchsvc.model.languages import LANGUAGES

PREFIX = "SEARCHSVC_"
EMBEDDED = ("tantivy", "whoosh")
"""Engines that run inside the service."""
ENGINES = (*EMBEDDED, "opensearch")
"""All engines."""
FILE = "searchsvc.toml"
"""The settings file, unless `SEARCHSVC_CONFIG` or `--config` names another."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The Prometheus client's own variable: the folder in which the workers of one service add up their metrics."""


# Parsers. Each raises ValueError with the end of the sentence “it must be …”.


def _integer(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else least - 1
        if not least <= number <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return number

    return parse


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return parse


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return parse


def _list_matching(pattern: str, expected: str) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        return tuple(map(_matching(pattern, expected), _list(text)))

    return parse


def _list(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (item.strip() for item in text.split(","))))


def _urls(text: str) -> tuple[str, ...]:
    # An empty list is no list of URLs: it is parsed as one empty URL, which does not match.
    expected = "URLs such as https://node1.example:9200, without a user name or path"
    return tuple(map(_matching(r"https?://[A-Za-z0-9.\[\]:-]+/?", expected), _list(text) or ("",)))


def _line(text: str) -> str:
    if len(text) > 1_000:
        raise ValueError("at most 1,000 characters long")
    return " ".join(text.split())


def _path(text: str) -> Path:
    if not text:
        raise ValueError("the path of a folder")  # Path("") would be the working directory
    return Path(text)


def _existing_file(text: str) -> Path | None:
    if text and not Path(text).is_file():
        raise ValueError("the path of a file that exists")
    return Path(text) if text else None


def _existing_folder(text: str) -> Path | None:
    if text and not Path(text).is_dir():
        raise ValueError("the path of a folder that exists")
    return Path(text) if text else None


_host = _matching(r"\S+", "an address such as 127.0.0.1")  # gunicorn takes an empty one for all interfaces
_colour = _matching(r"(#[0-9a-fA-F]{6})?", "a hexadecimal colour, such as #27548a")
_token = _matching(r"([!-~]{16,})?", "at least 16 printable ASCII characters, without spaces")
_rate = _matching(
    r"([1-9]\d{0,8}/(second|minute|hour|day))?", "a number per second, minute, hour or day, such as 100/minute"
)
_origins = _list_matching(
    r"\*|https?://[A-Za-z0-9.-]+(:\d{1,5})?", "origins without a path, such as https://news.example, or * for any"
)
_index_name = _matching(
    r"[a-z0-9][a-z0-9_-]{0,99}", "at most 100 lower-case letters, digits, - and _, beginning with a letter or digit"
)


def _setting(default: Any, help: str, parse: Callable[[str], Any], *, secret: bool = False) -> Any:  # noqa: A002
    return field(default=default, repr=not secret, metadata={"help": help, "parse": parse})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one process, and the mapping of field names from the settings file."""

    corpus: Path = _setting(Path("corpus"), "Folder of articles. Only its subfolder api is ever written to.", _path)
    index: Path = _setting(Path("index"), "Folder for the index. It can be deleted and rebuilt at any time.", _path)
    engine: str = _setting("tantivy", f"Search engine: {', '.join(ENGINES)}.", _one_of(ENGINES))
    opensearch_url: tuple[str, ...] = _setting(("http://127.0.0.1:9200",), "OpenSearch nodes, comma-separated.", _urls)
    opensearch_index: str = _setting("searchsvc", "Name of the archive in the cluster.", _index_name)
    opensearch_user: str = _setting("", "User name for the cluster.", str)
    opensearch_password: str = _setting("", "Password for the cluster.", str, secret=True)
    opensearch_ca: Path | None = _setting(None, "CA certificate of the cluster, if it has its own CA.", _existing_file)
    opensearch_shards: int = _setting(1, "Shards of a new index. Plan about 50 GB for each.", _integer(1, 1_024))
    opensearch_replicas: int = _setting(1, "Replicas of each shard, to survive the loss of nodes.", _integer(0, 100))
    language: str = _setting("english", f"Language for stemming: {', '.join(LANGUAGES)}.", _one_of(LANGUAGES))
    keep: int = _setting(3, "Generations of the index to keep, including the live one.", _integer(1, 1_000))
    host: str = _setting("127.0.0.1", "Address to listen on. 0.0.0.0 accepts connections from other machines.", _host)
    port: int = _setting(8000, "Port to listen on.", _integer(1, 65_535))
    workers: int = _setting(0, "Processes that serve or read files. 0 means one per core, up to 8.", _integer(0, 1_000))
    threads: int = _setting(4, "Threads per worker.", _integer(1, 1_000))
    read_token: str = _setting("", "Bearer token for reading. Without one, anyone can read.", _token, secret=True)
    write_token: str = _setting("", "Bearer token for changes over HTTP, which are off without one.", _token, secret=True)
    rate_limit: str = _setting("", "Requests allowed per client, such as 100/minute. Unlimited by default.", _rate)
    origins: tuple[str, ...] = _setting((), "Websites whose scripts may use the API, comma-separated; * for any.", _origins)
    hosts: tuple[str, ...] = _setting((), "Host names to answer to, comma-separated. Any by default.", _list)
    proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded headers are trusted.", _integer(0, 10))
    access_log: str = _setting("", "File for the access log, one JSON line per request; - for standard output.", str)
    slow_ms: int = _setting(1_000, "Log requests of this many milliseconds or more as slow.", _integer(0, 10**6))
    title: str = _setting("Archive", "Name of the archive, shown on every page.", _line)
    intro: str = _setting("", "A sentence or two for the start page.", _line)
    accent: str = _setting("", "Colour of links and buttons, such as #27548a.", _colour)
    facets: tuple[str, ...] = _setting((), "Facets to show, in this order, comma-separated. Automatic by default.", _list)
    templates: Path | None = _setting(None, "Folder of templates that replace the built-in ones.", _existing_folder)
    mapping: FieldMapping = ()

    @property
    def processes(self) -> int:
        """The number of worker processes."""
        return self.workers or min(os.cpu_count() or 1, 8)


class Setting(NamedTuple):
    """A setting. `parse` raises ValueError; a `secret` value must never be shown."""

    name: str
    default: Any
    help: str
    parse: Callable[[str], Any]
    secret: bool


SETTINGS = tuple(Setting(each.name, each.default, **each.metadata, secret=not each.repr) for each in fields(Settings)[:-1])
"""Every setting, in the order of the documentation; the mapping is not one."""


def settings_of(environ: Mapping[str, str]) -> Settings:
    """Return the settings of an environment and of the file that it names. Raise UserError if one is invalid."""
    return load_settings(environ, Path(environ.get(f"{PREFIX}CONFIG", FILE)))


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give another process the same settings, except for the mapping."""
    values = ((setting.name, getattr(settings, setting.name)) for setting in SETTINGS)
    return {f"{PREFIX}{name.upper()}": "" if value is None else _text(value) for name, value in values}


def load_settings(environ: Mapping[str, str], file: Path, given: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings from a file, which need not exist, an environment and the command line's options.

    Options that are None count as not given. Raise UserError, naming the setting, for an invalid value or an unknown name.
    """
    loaded = _load(file)
    mapping = _parse_mapping(loaded.pop("mapping", {}), file)
    found = _file_texts(loaded, file) | _environment_texts(environ)
    found |= {name: (str(value), f"--{name}") for name, value in (given or {}).items() if value is not None}
    values = {each.name: _parse(each, *found[each.name]) for each in SETTINGS if each.name in found}
    return Settings(**values, mapping=mapping)


def _parse(setting: Setting, text: str, where: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "" if setting.secret else f" is “{text}”; it"
        raise UserError(f"{where}{shown} must be {error}", param=setting.name) from None if setting.secret else error


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {file}: {error}") from error


def _file_texts(loaded: Mapping[str, Any], file: Path) -> dict[str, tuple[str, str]]:
    """Return the text of each setting in the file, and where it was found."""
    names = [setting.name for setting in SETTINGS]
    for name in loaded:
        if name not in names:
            hint = next(iter(difflib.get_close_matches(name, [*names, "mapping"], 1)), None)
            advice = f"did you mean “{hint}”?" if hint else f"the settings are {', '.join(names)}"
            raise UserError(f"unknown setting “{name}” in {file}; {advice}", param=name, hint=hint)
    return {name: (_text(value), f"{name} in {file}") for name, value in loaded.items()}


def _environment_texts(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the text of each setting in the environment, and the variable that has it."""
    variables = {PREFIX + setting.name.upper(): setting.name for setting in SETTINGS}
    for unknown in sorted(name for name in environ if name.startswith(PREFIX) and name not in variables):
        # Kubernetes sets variables with the prefix of a service's name, so only likely typos are errors.
        near = difflib.get_close_matches(unknown.removeprefix(PREFIX).lower(), variables.values(), 1, 0.85)
        if near:
            hint = PREFIX + near[0].upper()
            raise UserError(f"unknown setting {unknown}; did you mean {hint}?", param=unknown, hint=hint)
    return {setting: (environ[name], name) for name, setting in variables.items() if name in environ}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _parse_mapping(table: Any, file: Path) -> FieldMapping:
    """Return pairs of a name in records and the field that it stands for."""
    if not isinstance(table, dict):
        raise UserError(f'mapping in {file} must be a table: a line [mapping], then lines such as title = "Headline"')
    pairs = []
    for own, names in table.items():
        if own not in FIELDS:
            hint = next(iter(difflib.get_close_matches(own, FIELDS, 1)), None)
            raise UserError(
                f"[mapping] in {file}: no field “{own}”; the fields are {', '.join(FIELDS)}", param=own, hint=hint
            )
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str) or not name:
                raise UserError(f"{own} in [mapping] of {file} must be a name or a list of names", param=own)
            pairs.append((name, own))
    return tuple(pairs)
