"""What tests share: archives made of a few files, the sample archive, the real articles, a browser."""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

import hypothesis
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from dev.cluster import Cluster, missing
from searchsvc.config import ENGINES, Settings
from searchsvc.engines.protocol import Engine
from searchsvc.engines.registry import backend_for
from searchsvc.engines.stored import dump
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from searchsvc.search.service import SearchService
from searchsvc.web.app import create_app

# A suite that runs in the background would have its children ignore ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy machine is no failure. `HYPOTHESIS_PROFILE=soak` looks longer than the suite may.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2_500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

ROOT = Path(__file__).parent.parent
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
"""Whether to look longer than the suite may."""
CLUSTER_FOLDER = Path(tempfile.gettempdir()) / "searchsvc-opensearch"
IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where a cluster of the tests keeps what it holds: its many small indexes wait for no disk there."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Archive:
    """A corpus in a temporary folder, and what is made of it."""

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
        """The settings, with some of them changed."""
        return replace(self.settings, **changed)

    def service(self) -> SearchService:
        """The service on an index that is up to date."""
        reindex(self.settings)
        return SearchService(self.settings)

    def client(self) -> FlaskClient:
        """An HTTP client of an index that is up to date."""
        reindex(self.settings)
        return create_app(self.settings).test_client()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.fixture(scope="session")
def nodes() -> Iterator[Cluster]:
    """Three nodes of our own, which may be killed: who does starts them again."""
    if lacking := missing():
        pytest.skip(f"there is no OpenSearch: {lacking}")
    # Ten seconds is as often as a cluster can look at its disks.
    with Cluster(CLUSTER_FOLDER, port=19_200, settings=["cluster.info.update.interval=10s"], work=IN_MEMORY) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Settings:
    """The settings of an archive on a cluster: one of our own, or the one that is named."""
    urls = os.environ.get("SEARCHSVC_TEST_OPENSEARCH_URL", "") or request.getfixturevalue("nodes").url
    return on_cluster(urls, "test")


@pytest.fixture
def cluster_archive(cluster: Settings, tmp_path: Path) -> Iterator[Archive]:
    """An archive on the cluster, under a name of its own; what it has there is removed afterwards."""
    archive = Archive(tmp_path)
    own, name = archive.settings, f"searchsvc-{token_hex(6)}"
    archive.settings = replace(cluster, corpus=own.corpus, index=own.index, opensearch_index=name)
    yield archive
    clean(archive.settings)


def on_cluster(urls: str, name: str) -> Settings:
    """The settings of an archive of this name on a cluster."""
    nodes = tuple(urls.split(","))
    return Settings(engine="opensearch", opensearch_url=nodes, opensearch_index=f"searchsvc-{name}", opensearch_replicas=0)


def clean(settings: Settings) -> None:
    """Delete every index of an archive's name, also of those whose names begin so."""
    from searchsvc.engines.opensearch.client import Cluster as Connection  # noqa: PLC0415  an extra

    connection = Connection(settings)
    for index in connection.ask("GET", f"/{settings.opensearch_index}*/_settings"):
        connection.ask("DELETE", f"/{index}")


@pytest.fixture(params=ENGINES)
def engine_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Engine]:
    """Makes an engine that holds these articles; every engine there is, one after the other."""
    settings = request.getfixturevalue("cluster") if request.param == "opensearch" else Settings()
    kind = backend_for(request.param, settings)
    numbers = count()

    def make(articles: Iterable[Article], language: str = "english") -> Engine:
        number = next(numbers)
        shutil.rmtree(tmp_path / f"engine{number - 1}", ignore_errors=True)  # engines go on answering
        folder = tmp_path / f"engine{number}"
        writer = kind.write(folder, language, 0)
        for article in articles:
            writer.add(article, dump(article))
        writer.commit()
        writer.close()
        kind.on_publish(folder, [])
        return kind.open(folder, language)

    return make


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample archive, indexed."""
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path_factory.mktemp("sample") / "index")
    reindex(settings)
    return settings


@pytest.fixture
def client(sample: Settings) -> FlaskClient:
    """An HTTP client of the sample archive."""
    return create_app(sample).test_client()


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real articles."""
    folder = Path(os.environ.get("SEARCHSVC_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the real articles are not in {folder}: set SEARCHSVC_DATA")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
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
