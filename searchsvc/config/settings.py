"""The settings: the name, default, help text and parser of each, in one place."""

# ruff: noqa: RUF009  `_setting` only calls dataclasses.field

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from searchsvc.config import parsers as parse
from searchsvc.model.alerts import Alert
from searchsvc.model.article import FieldMapping
from searchsvc.model.languages import LANGUAGES, PAGE_LANGUAGES
from searchsvc.model.skipped import SYNONYMS

EMBEDDED = ("tantivy", "whoosh")
"""Engines that run inside the service."""
ENGINES = (*EMBEDDED, "opensearch")
"""All engines."""
SMTP_TLS = ("starttls", "tls", "none")

Labels = tuple[tuple[str, str], ...]
"""Pairs of a metadata field and the label that pages show for it."""


def _setting(default: Any, help: str, parse: Callable[[str], Any], *, secret: bool = False, option: str = "") -> Any:  # noqa: A002
    return field(default=default, repr=not secret, metadata={"help": help, "parse": parse, "named": option})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one process, and the tables of the settings file: the mapping and the labels of fields, and alerts."""

    corpus: Path = _setting(Path("corpus"), "Folder of articles. Only its subfolder api is ever written to.", parse.path)
    index: Path = _setting(Path("index"), "Folder for the index. It can be deleted and rebuilt at any time.", parse.path)
    engine: str = _setting("tantivy", "Search engine.", parse.OneOf(ENGINES))
    opensearch_url: tuple[str, ...] = _setting(("http://127.0.0.1:9200",), "OpenSearch nodes, comma-separated.", parse.urls)
    opensearch_index: str = _setting("searchsvc", "Name of the archive in the cluster.", parse.index_name)
    opensearch_user: str = _setting("", "User name for the cluster.", str)
    opensearch_password: str = _setting("", "Password for the cluster.", str, secret=True)
    opensearch_ca: Path | None = _setting(None, "CA certificate of the cluster, if it has its own CA.", parse.existing_file)
    opensearch_shards: int = _setting(1, "Shards of a new index. Plan about 50 GB for each.", parse.Integer(1, 1_024))
    opensearch_replicas: int = _setting(1, "Replicas of each shard, to survive the loss of nodes.", parse.Integer(0, 100))
    language: tuple[str, ...] = _setting(
        (),
        "Languages by whose rules words have other forms, comma-separated. By default those of the articles. "
        f"There are {', '.join(LANGUAGES)}.",
        parse.languages,
    )
    synonyms: Path | None = _setting(
        None, "File of synonyms, in Solr's format. By default synonyms.txt in the corpus.", parse.existing_file
    )
    reading_processes: int = _setting(
        0,
        "Processes that read files during a reindex. 0 means one per core, up to 8.",
        parse.Integer(0, 1_000),
        option="--workers",  # a reindex has no others
    )
    keep: int = _setting(3, "Generations of the index to keep, including the live one.", parse.Integer(1, 1_000))
    host: str = _setting("127.0.0.1", "Address to listen on. 0.0.0.0 accepts connections from other machines.", parse.host)
    port: int = _setting(8000, "Port to listen on.", parse.Integer(1, 65_535))
    workers: int = _setting(0, "Processes that serve. 0 means one per core, up to 8.", parse.Integer(0, 1_000))
    threads: int = _setting(4, "Threads per worker.", parse.Integer(1, 1_000))
    read_token: str = _setting("", "Bearer token for reading. Without one, anyone can read.", parse.token, secret=True)
    write_token: str = _setting(
        "", "Bearer token for changes over HTTP, which are off without one.", parse.token, secret=True
    )
    rate_limit: str = _setting("", "Requests allowed per client, such as 100/minute. Unlimited by default.", parse.rate)
    origins: tuple[str, ...] = _setting(
        (), "Websites whose scripts may use the API, comma-separated; * for any.", parse.origins
    )
    hosts: tuple[str, ...] = _setting(
        (), "Host names to answer to, comma-separated. By default any, or on loopback localhost.", parse.host_names
    )
    proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded headers are trusted.", parse.Integer(0, 10))
    access_log: str = _setting(
        "", "File for the access log, one JSON line per request; - for standard output.", parse.log_file
    )
    log_format: str = _setting("text", "Format of the log on standard error: text or json.", parse.OneOf(("text", "json")))
    slow_ms: int = _setting(1_000, "Log requests of this many milliseconds or more as slow.", parse.Integer(0, 10**6))
    page_language: str = _setting(
        "",
        f"Language of the pages: {', '.join(PAGE_LANGUAGES)}. By default that of the browser.",
        parse.page_language,
    )
    title: str = _setting("Archive", "Name of the archive, shown on every page.", parse.title)
    feed_id: str = _setting(
        "", "Domain and year for the ids in feeds, such as archive.example,2026. By default the title.", parse.feed_id
    )
    intro: str = _setting("", "A sentence or two for the start page.", parse.line)
    accent: str = _setting("", "Colour of links and buttons, such as #27548a.", parse.colour)
    facets: tuple[str, ...] = _setting(
        (), "Facets to show, in this order, comma-separated. Automatic by default.", parse.comma_separated
    )
    field_order: tuple[str, ...] = _setting(
        (),
        "Fields of your own, in the order in which pages show them, comma-separated. Others follow.",
        parse.comma_separated,
    )
    templates: Path | None = _setting(None, "Folder of templates that replace the built-in ones.", parse.existing_folder)
    static: Path | None = _setting(
        None, "Folder of pictures, style sheets and the like for these templates.", parse.existing_folder
    )
    public_url: str = _setting(
        "", "Address at which readers reach the service, for links in messages of alerts.", parse.public_url
    )
    webhook_secret: str = _setting("", "Secret by which the requests to webhooks are signed.", parse.token, secret=True)
    smtp_host: str = _setting("", "Server that sends the mails of alerts.", parse.mail_host)
    smtp_port: int = _setting(587, "Port of that server.", parse.Integer(1, 65_535))
    smtp_tls: str = _setting("starttls", "Encryption to that server: starttls, tls or none.", parse.OneOf(SMTP_TLS))
    smtp_user: str = _setting("", "User name for that server.", parse.line)
    smtp_password: str = _setting("", "Password for that server.", str, secret=True)
    smtp_from: str = _setting("", "Sender of mails, such as archive@paper.example.", parse.mail_address)
    mapping: FieldMapping = ()
    labels: Labels = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def synonyms_file(self) -> Path:
        """The file of synonyms, which need not exist."""
        return self.synonyms or self.corpus / SYNONYMS

    @property
    def worker_count(self) -> int:
        """The number of processes that serve."""
        return self.workers or _one_per_core()

    @property
    def reader_count(self) -> int:
        """The number of processes that read files during a reindex."""
        return self.reading_processes or _one_per_core()


def _one_per_core() -> int:
    return min(os.cpu_count() or 1, 8)


class Setting(NamedTuple):
    """A setting. `parse` raises ValueError; a `secret` value must never be shown."""

    name: str
    default: Any
    help: str
    parse: Callable[[str], Any]
    named: str
    secret: bool

    @property
    def option(self) -> str:
        """The option of commands for this setting."""
        return self.named or f"--{self.name.replace('_', '-')}"


SETTINGS = tuple(Setting(each.name, each.default, **each.metadata, secret=not each.repr) for each in fields(Settings)[:-3])
"""Every setting, in the order of the documentation; the mapping, the labels and the alerts are none."""
