"""Every setting once: its name, its default, and what it is for.

A setting is found in `searchsvc.toml` in the working directory, under its name; in the environment, as `SEARCHSVC_` and
its name; and on the command line. The command line wins over the environment, which wins over the file.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from searchsvc.errors import UserError
from searchsvc.model.article import FIELDS, FieldMapping
from searchsvc.model.languages import LANGUAGES

PREFIX = "SEARCHSVC_"
EMBEDDED = ("tantivy", "whoosh")
"""The engines that run inside the service."""
ENGINES = (*EMBEDDED, "opensearch")
"""The engines there are."""
FILE = "searchsvc.toml"
"""The file of settings, where `SEARCHSVC_CONFIG` names no other."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which the workers of one service add up their metrics, as the library has it."""


class Setting(NamedTuple):
    """One setting: its name, its default, what it is for, and how its text is read (raises ValueError)."""

    name: str
    default: Any
    help: str
    read: Callable[[str], Any]
    secret: bool = False
    """Whether its value must not be shown."""


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text) if text.lstrip("-").isdigit() else least - 1
        if not least <= number <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return number

    return read


def _one_of(choices: tuple[str, ...] | list[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return text

    return read


def _line(text: str) -> str:
    if len(text) > 1_000:
        raise ValueError("at most 1,000 characters long")
    return " ".join(text.split())


def _colour(text: str) -> str:
    if text and not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise ValueError("a colour of six digits, such as #27548a")
    return text


def _token(text: str) -> str:
    if text and (len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text):
        raise ValueError("at least 16 letters, digits and signs of ASCII, without spaces")
    return text


def _rate(text: str) -> str:
    if text and not re.fullmatch(r"[1-9]\d{0,8}/(second|minute|hour|day)", text):
        raise ValueError("a number of requests and a time, such as 100/minute; second, minute, hour or day")
    return text


def _origins(text: str) -> tuple[str, ...]:
    names = _names(text)
    for name in names:
        if name != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", name):
            raise ValueError("addresses of sites without a path, such as https://news.example, or * for any")
    return names


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in text.split(","))))


def _urls(text: str) -> tuple[str, ...]:
    urls = _names(text)
    if not urls or not all(re.fullmatch(r"https?://[A-Za-z0-9.\[\]:-]+/?", url) for url in urls):
        raise ValueError("addresses such as https://node1.example:9200, without a user and a path")
    return urls


def _index_name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", text):
        raise ValueError("small letters, digits, - and _")
    return text


def _file(text: str) -> Path | None:
    if text and not Path(text).is_file():
        raise ValueError("a file that exists")
    return Path(text) if text else None


def _folder(text: str) -> Path | None:
    if text and not Path(text).is_dir():
        raise ValueError("a folder that exists")
    return Path(text) if text else None


SETTINGS = (
    Setting("corpus", Path("corpus"), "The folder of articles; only read, but for its folder api.", Path),
    Setting("index", Path("index"), "The folder for the index; it can be thrown away and made again.", Path),
    Setting("engine", "tantivy", f"The search engine: {', '.join(ENGINES)}.", _one_of(ENGINES)),
    Setting("opensearch_url", ("http://127.0.0.1:9200",), "Nodes of the OpenSearch cluster, parted by commas.", _urls),
    Setting("opensearch_index", "searchsvc", "The archive's name in the cluster.", _index_name),
    Setting("opensearch_user", "", "Who asks the cluster.", str),
    Setting("opensearch_password", "", "The password of who asks.", str, True),
    Setting("opensearch_ca", None, "The file of the authority that vouches for the cluster, where it is your own.", _file),
    Setting("opensearch_shards", 1, "Parts of a new index, each on a node of its own; about 50 GB each.", _whole(1, 1_024)),
    Setting("opensearch_replicas", 1, "Copies of each part, so that nodes may be lost.", _whole(0, 100)),
    Setting("language", "english", f"The language whose words are stemmed: {', '.join(LANGUAGES)}.", _one_of(LANGUAGES)),
    Setting("keep", 3, "Generations of the index to keep, the live one included.", _whole(1, 1_000)),
    Setting("host", "127.0.0.1", "The address to serve on; 0.0.0.0 lets other machines in.", str),
    Setting("port", 8000, "The port to serve on.", _whole(1, 65_535)),
    Setting("workers", 0, "Processes that serve, or that read pages; 0 means one a core, at most 8.", _whole(0, 1_000)),
    Setting("threads", 4, "Threads in each worker.", _whole(1, 1_000)),
    Setting("read_token", "", "What has to be said to read the archive, of at least 16 characters.", _token, True),
    Setting("write_token", "", "What has to be said to change the archive by HTTP; by itself, nobody can.", _token, True),
    Setting("rate_limit", "", "Requests that each client may make, such as 100/minute; by itself, any number.", _rate),
    Setting("origins", (), "Sites whose pages may ask the API from browsers, parted by commas; * for any.", _origins),
    Setting("hosts", (), "Names by which the service may be asked for, parted by commas; by itself, any.", _names),
    Setting("proxies", 0, "Proxies in front, whose X-Forwarded headers are believed.", _whole(0, 10)),
    Setting("access_log", "", "The file to log every request to, a line of JSON each; - for standard output.", str),
    Setting("slow_ms", 1_000, "Milliseconds from which a request is logged as slow, with what was slow.", _whole(0, 10**6)),
    Setting("title", "Archive", "The name of the archive, on every page.", _line),
    Setting("intro", "", "A sentence or two on the first page.", _line),
    Setting("accent", "", "The colour of links and buttons, such as #27548a.", _colour),
    Setting("facets", (), "Metadata fields to offer, in this order, parted by commas; by itself, those that help.", _names),
    Setting("templates", None, "A folder of templates that replace those of the same name.", _folder),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; see SETTINGS for what each is for."""

    corpus: Path = Path("corpus")
    index: Path = Path("index")
    engine: str = "tantivy"
    opensearch_url: tuple[str, ...] = ("http://127.0.0.1:9200",)
    opensearch_index: str = "searchsvc"
    opensearch_user: str = ""
    opensearch_password: str = field(default="", repr=False)
    opensearch_ca: Path | None = None
    opensearch_shards: int = 1
    opensearch_replicas: int = 1
    language: str = "english"
    keep: int = 3
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0
    threads: int = 4
    read_token: str = field(default="", repr=False)
    write_token: str = field(default="", repr=False)
    rate_limit: str = ""
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    access_log: str = ""
    slow_ms: int = 1_000
    title: str = "Archive"
    intro: str = ""
    accent: str = ""
    facets: tuple[str, ...] = ()
    templates: Path | None = None
    mapping: FieldMapping = ()

    @property
    def processes(self) -> int:
        """The number of worker processes."""
        return self.workers or min(os.cpu_count() or 1, 8)


def settings_of(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment, which may name the file of others; raises UserError."""
    return load_settings(environ, Path(environ.get(f"{PREFIX}CONFIG", FILE)))


def environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process has the same settings, but for the mapping, which only a file can give."""
    values = ((setting.name, getattr(settings, setting.name)) for setting in SETTINGS)
    return {f"{PREFIX}{name.upper()}": "" if value is None else _text(value) for name, value in values}


def load_settings(environ: Mapping[str, str], file: Path, given: Mapping[str, Any] | None = None) -> Settings:
    """The settings of an environment, a file (which need not exist) and what the command line gave (None: not given).

    Raises UserError, naming the setting, for a value that it cannot have and for an unknown name in the file.
    """
    loaded = _from_file(file)
    mapping = _mapping(loaded.pop("mapping", {}), file)
    found = _texts(loaded, file)
    for setting in SETTINGS:
        if (text := environ.get(PREFIX + setting.name.upper())) is not None:
            found[setting.name] = text, f"{PREFIX}{setting.name.upper()}"
    for name, value in (given or {}).items():
        if value is not None:
            found[name] = str(value), f"--{name}"
    values = {s.name: _read(s, *found[s.name]) if s.name in found else s.default for s in SETTINGS}
    return Settings(**values, mapping=mapping)


def _read(setting: Setting, text: str, where: str) -> Any:
    try:
        return setting.read(text)
    except ValueError as error:
        shown = "" if setting.secret else f" is “{text}”; it"
        raise UserError(f"{where}{shown} has to be {error}", param=setting.name) from None if setting.secret else error


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error


def _texts(loaded: Mapping[str, Any], file: Path) -> dict[str, tuple[str, str]]:
    """Each setting's text in the file, and where it was found."""
    names = [setting.name for setting in SETTINGS]
    for name in loaded:
        if name not in names:
            raise UserError(f"{file} has the unknown setting “{name}”: known are {', '.join(names)}", param=name)
    return {name: (_text(value), f"{name} in {file}") for name, value in loaded.items()}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _mapping(table: Any, file: Path) -> FieldMapping:
    """The pairs of a table that gives each field one name in records, or a list of them."""
    if not isinstance(table, dict):
        raise UserError(f'mapping in {file} has to be a table: a line [mapping], then lines such as title = "Headline"')
    pairs = []
    for own, names in table.items():
        if own not in FIELDS:
            raise UserError(f"mapping in {file} has no field “{own}”: known are {', '.join(FIELDS)}", param=own)
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str) or not name:
                raise UserError(f"{own} in the mapping of {file} has to be a name, or a list of names", param=own)
            pairs.append((name, own))
    return tuple(pairs)
