"""Fixtures: archives made of a few files, the sample archive, the real articles, a cluster, a browser."""

import gc
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain, count
from multiprocessing import forkserver
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus.formats import FORMATS
from searchsvc.engines.protocol import Engine
from searchsvc.engines.registry import backend_for
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article, dump, metadata
from searchsvc.search import corrections, readings
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web import sessions
from searchsvc.web.app import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from dev.cluster import Cluster

# A shell that starts the suite in the background makes its children ignore ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no failure, so that examples have no deadline. The profile `soak` tries many more of them, and a run
# without slow tests fewer.
hypothesis.settings.register_profile("quick", deadline=None, max_examples=40)
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2_500)
# `make mutants` only asks whether something fails: it needs no smaller example, and every run has to search anew.
hypothesis.settings.register_profile("mutants", deadline=None, database=None, phases=[hypothesis.Phase.generate])

ROOT = Path(__file__).parent.parent
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
ENGINES = (*EMBEDDED, pytest.param("opensearch", marks=pytest.mark.cluster))
"""Parameters of tests that every engine passes."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LONG_PARAMETER = 50
MAX_SHRINKING = 400  # seconds; Hypothesis stops after 300
MEMORY_DISK = Path("/dev/shm")
DISK_NEEDED = 4 * 2**30  # bytes
_MARKERS = {"browser": "browser", "nodes": "cluster", "cluster": "cluster", "cluster_archive": "cluster"}
"""Markers by the fixtures that imply them."""


def pytest_configure(config: pytest.Config) -> None:
    """Choose the number of examples, and keep the files of tests in memory if there is room: they are synced very often."""
    quick = re.search(r"\bnot\b.*\bslow\b", config.option.markexpr) is not None
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick" if quick else "suite"))
    if MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK) and shutil.disk_usage(MEMORY_DISK).free > DISK_NEEDED:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_DISK))


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a cluster or a browser. One process runs all those of the cluster, so that one is enough.

    A random test that fails has the time that Hypothesis takes for a small example, which would be lost with a timeout.
    """
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False) and not SOAK:
            item.add_marker(pytest.mark.timeout(MAX_SHRINKING))
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in _MARKERS:
                item.add_marker(_MARKERS[fixture])
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.xdist_group("cluster"))


def pytest_collection_finish() -> None:
    """Spare garbage collection the modules and tests that stay to the end: each time, it would take a fifth of a second."""
    # Hypothesis registers its random numbers with its first test. It does not see what refers to them if that is frozen.
    hypothesis.given(strategies.none())(lambda _: None)()
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Return the beginning of a long text as the id of a test. Ids of megabytes slow pytest down."""
    if isinstance(val, str | bytes) and len(val) > LONG_PARAMETER:
        return f"{val[:LONG_PARAMETER]!a} and so on"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have recorded for people to read."""
    for report in chain.from_iterable(terminalreporter.stats.values()):
        for name, value in getattr(report, "user_properties", ()):
            if report.when == "teardown":  # the last report of a test has all of them
                terminalreporter.write_line(f"{report.nodeid}: {name}: {value}")


class Archive:
    """A corpus in a temporary folder, and its index."""

    def __init__(self, folder: Path) -> None:
        self.corpus = folder / "corpus"
        self.corpus.mkdir()
        self.settings = Settings(corpus=self.corpus, index=folder / "index")

    def write(self, files: dict[str, str | bytes]) -> "Archive":
        for name, content in files.items():
            file = self.corpus / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def with_settings(self, **changed: Any) -> Settings:
        """Return the settings with some of them changed."""
        return replace(self.settings, **changed)

    def service(self) -> SearchService:
        """Update the index and return a service for it."""
        reindex(self.settings)
        return SearchService(self.settings)

    def client(self) -> FlaskClient:
        """Update the index and return an HTTP client of it."""
        reindex(self.settings)
        return create_app(self.settings).test_client()


@pytest.fixture(scope="session", autouse=True)
def _reader_server() -> None:
    """Let the processes that read files begin with all readers and the model of languages, not load them for each test."""
    readers = {file_format.module_name for file_format in FORMATS.values()}
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["searchsvc.corpus.reader_process", "tests.preloaded", *readers]
    )
    forkserver.ensure_running()


class _CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications of a process: most tests make one of their own."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


class _CompiledRule(Rule):
    """A URL rule that shares the function that builds its addresses with the same rule of other applications."""

    _compiled: ClassVar[dict[tuple[object, ...], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, self.subdomain, self.host, repr(self.defaults), append_unknown)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_builder(append_unknown)
        return self._compiled[key]


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _CompiledTemplates()}
    Flask.url_rule_class = _CompiledRule


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """Let help take ten times as long as for visitors. Where tests keep all processors busy, it would often be left out."""
    corrections.MAX_SECONDS *= 10
    readings.MAX_SECONDS *= 10


@pytest.fixture(scope="session", autouse=True)
def _quick_keys() -> None:
    """Derive the keys of sessions quickly. Servers that tests start in processes of their own take the usual time."""
    assert sessions.KEY_COST >= 2**14
    sessions.KEY_COST = 2


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="session")
def nodes() -> "Iterator[Cluster]":
    """Three nodes of our own. A test that kills one starts it again."""
    from tests.clusters import three_nodes  # noqa: PLC0415  only tests of clusters load what starts one

    yield from three_nodes()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Settings:
    """The settings of an archive on the cluster in $SEARCHSVC_TEST_OPENSEARCH_URL, or else on three nodes of our own."""
    from tests.clusters import on_cluster  # noqa: PLC0415

    urls = os.environ.get("SEARCHSVC_TEST_OPENSEARCH_URL", "") or request.getfixturevalue("nodes").url
    return on_cluster(urls, "test")


@pytest.fixture
def cluster_archive(cluster: Settings, tmp_path: Path) -> Iterator[Archive]:
    """An archive on the cluster under a name of its own, removed afterwards."""
    from tests.clusters import clean  # noqa: PLC0415

    archive = Archive(tmp_path)
    own, name = archive.settings, f"searchsvc-{token_hex(6)}"
    archive.settings = replace(cluster, corpus=own.corpus, index=own.index, opensearch_index=name)
    yield archive
    clean(archive.settings)


@pytest.fixture
def archive_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Archive]:
    """Return a function that returns an archive for an engine. Tests call it once."""

    def make(engine: str) -> Archive:
        if engine == "opensearch":
            found: Archive = request.getfixturevalue("cluster_archive")
            return found
        archive = Archive(tmp_path)
        archive.settings = replace(archive.settings, engine=engine)
        return archive

    return make


MakeArchive = Callable[[str, dict[str, str | bytes]], Archive]


@pytest.fixture(scope="module")
def _unchanged_archives() -> dict[str, Archive]:
    return {}


@pytest.fixture
def unchanged_archive(
    archive_of: Callable[[str], Archive], _unchanged_archives: dict[str, Archive], tmp_path_factory: pytest.TempPathFactory
) -> MakeArchive:
    """Return a function that returns an indexed archive, given its engine and files.

    Tests of a module that give the same files and change nothing share that of an embedded engine.
    """

    def make(engine: str, files: dict[str, str | bytes]) -> Archive:
        if engine in _unchanged_archives:
            return _unchanged_archives[engine]
        if engine in EMBEDDED:
            archive = _unchanged_archives[engine] = Archive(tmp_path_factory.mktemp(engine))
            archive.settings = archive.with_settings(engine=engine)
        else:
            archive = archive_of(engine)
        reindex(archive.write(files).settings)
        return archive

    return make


@pytest.fixture(params=ENGINES)
def engine_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Engine]:
    """Return a function that indexes articles with each engine in turn and opens the index."""
    settings = request.getfixturevalue("cluster") if request.param == "opensearch" else Settings()
    backend = backend_for(request.param, settings)
    numbers = count()

    def make(
        articles: Iterable[Article],
        languages: tuple[str, ...] = ("english",),
        chosen: tuple[str, ...] | None = None,
        versioned: Collection[str] = (),
    ) -> Engine:
        number = next(numbers)
        shutil.rmtree(tmp_path / f"engine{number - 1}", ignore_errors=True)  # an open engine does not need its folder
        folder = tmp_path / f"engine{number}"
        writer = backend.writer(folder, languages if chosen is None else chosen, 0)
        for article in articles:
            writer.add(article, dump(article), versioned=article.id in versioned)
        writer.commit()
        writer.close()
        backend.on_publish(folder, [])
        return backend.open(folder, languages)

    return make


@pytest.fixture
def searcher_of(engine_of: Callable[..., Engine], tmp_path: Path) -> Callable[..., Searcher]:
    """Return a function that indexes articles with each engine in turn and searches them."""

    def make(
        articles: Iterable[Article],
        facets: tuple[str, ...] = (),
        languages: tuple[str, ...] = ("english",),
        chosen: tuple[str, ...] | None = None,
    ) -> Searcher:
        found = list(articles)
        engine = engine_of(found, languages, chosen)
        names = {name for article in found for name in metadata(article)}
        fields = {name: (stats.articles, stats.values) for name, stats in engine.field_stats(sorted(names)).items()}
        info = GenerationInfo("any", 0, 0, languages, len(found), 0, "2026-01-01T00:00:00Z", fields=fields)
        return Searcher(Generation("g000001", tmp_path), info, engine, facets)

    return make


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample archive, indexed."""
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path_factory.mktemp("sample") / "index")
    reindex(settings)
    return settings


@pytest.fixture(scope="session")
def sample_app(sample: Settings) -> Flask:
    """An application with the sample archive, for tests that change nothing of it and count none of its requests."""
    return create_app(sample)


@pytest.fixture
def client(sample_app: Flask) -> FlaskClient:
    """An HTTP client of the sample archive."""
    return sample_app.test_client()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real articles."""
    folder = Path(os.environ.get("SEARCHSVC_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real articles are not in {folder}: set SEARCHSVC_DATA")
    return folder


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only tests of pages load it

    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield browser
        browser.close()
