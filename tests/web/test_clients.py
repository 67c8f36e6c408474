"""Clients in TypeScript and Python, generated from the OpenAPI document, against a live service; and a linter for it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from searchsvc.web.app import create_app
from tests.conftest import ROOT, Archive
from tests.serving import serving

SOURCES = ROOT / "tests" / "clients"
NODE_MODULES = SOURCES / "node_modules"
ROWS = (
    {"id": "a/1", "title": "Green tea", "text": "A cup of tea.", "section": "Food", "mood": "calm", "pages": 7},
    {"id": "2", "title": "Black tea", "text": "Tea again.", "section": "Food", "mood": "sad", "pages": 12, "geo:lat": 54},
    {
        "id": "3",
        "title": "Rowing",
        "text": "No cup.",
        "section": "Sport",
        "mood": "calm",
        "pages": 100,
        "date": "2022-03-04",
    },
    {"id": "4", "title": "Tides", "text": "The sea.", "section": "Science", "pages": "ten"},
)
EXPECTED = {
    "core": ["2", "3", "a/1"],
    "own": ["3", "a/1"],
    "without": ["2", "4"],
    "range": ["2"],
    "posted": ["2"],
    "counts": {"mood calm": 1, "mood sad": 1},
    "hint": "pages",
    "status": 400,
    "spans": [[9, 12]],
    "members": ["id", "title", "date", "title_spans", "snippets"],
    "lines": 3,
}
"""What both programs print."""


@pytest.fixture
def root(archive: Archive) -> Iterator[str]:
    """The address of a service of four articles."""
    service = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS)}).service()
    with serving(create_app(service.settings)) as root:
        yield root


@pytest.fixture
def description(root: str, archive: Archive, tmp_path: Path) -> Path:
    """The document of the service and of all that writers can do, as a file."""
    app = create_app(archive.with_settings(write_token="a-token-for-writers"))
    file = tmp_path / "openapi.json"
    file.write_bytes(app.test_client().get("/api/openapi.json").data)
    return file


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a command prints. Fail with its errors."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """A folder with the sources of the clients and the packages that they need."""
    if shutil.which("node") is None or not NODE_MODULES.is_dir():
        pytest.skip("needs Node.js and its packages: install nodejs and npm, then run `make test` or `make clients`")
    folder = tmp_path / "clients"
    folder.mkdir()
    for name in ("package.json", "tsconfig.json", "search.ts"):
        shutil.copy(SOURCES / name, folder)
    (folder / "node_modules").symlink_to(NODE_MODULES)
    return folder


def tool(name: str) -> Path:
    return NODE_MODULES / ".bin" / name


@pytest.mark.slow
def test_a_generated_typescript_client_searches_with_filters(root: str, description: Path, workshop: Path) -> None:
    run(tool("openapi-typescript"), description, "-o", "schema.d.ts", cwd=workshop)
    run(tool("tsc"), cwd=workshop)
    assert json.loads(run("node", "search.js", root, cwd=workshop)) == EXPECTED


@pytest.mark.slow
@pytest.mark.parametrize("private", [False, True])
def test_redocly_finds_no_error_and_nothing_to_warn_of(archive: Archive, workshop: Path, private: bool) -> None:
    tokens = {"write_token": "a-token-for-writers"} | ({"read_token": "a-token-for-readers"} if private else {})
    client = create_app(archive.with_settings(**tokens)).test_client()
    headers = {"Authorization": "Bearer a-token-for-readers"}
    (workshop / "openapi.json").write_bytes(client.get("/api/openapi.json", headers=headers).data)
    shown = run(tool("redocly"), "lint", "--format=json", "openapi.json", cwd=workshop)
    found: dict[str, Any] = json.loads(shown[shown.index("{") :])
    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, found["problems"]


PROGRAM = """
import json, sys
from client import Client
from client.api.articles import article
from client.api.files import csv
from client.api.search import post_search, search
from client.models import PostSearchBody, Problem, SearchAnswer, SearchFieldsItem, SearchHighlight, ValuesFacet

service = Client(base_url=sys.argv[1])

def found(**given):
    answer = search.sync(client=service, **given)
    assert isinstance(answer, SearchAnswer), answer
    return answer

def ids(answer):
    return sorted(hit.id for hit in answer.results)

def counts(answer):
    return {
        f"{facet.field if isinstance(facet, ValuesFacet) else facet.unit.value} {each.value}": each.count
        for facet in answer.facets for each in facet.values
    }

body = PostSearchBody(q="tea", filter_=["geo\\\\:lat:54"], per_page=5)
posted = post_search.sync(client=service, body=body)
wrong = search.sync(client=service, filter_=["paegs:7"])
assert isinstance(posted, SearchAnswer) and isinstance(wrong, Problem)
bare = found(q="tea", fields=[SearchFieldsItem.DATE], snippets=0, highlight=SearchHighlight.SPANS, facet=["none"])
written = csv.sync_detailed(client=service, section=["Food"])
print(json.dumps({
    "core": ids(found(section=["Food", "Sport"])),
    "own": ids(found(filter_=["mood:calm"])),
    "without": ids(found(filter_=["-mood:calm"])),
    "range": ids(found(filter_=["pages:8..12"])),
    "posted": ids(posted),
    "counts": counts(found(q="tea", facet=["mood", "date"])),
    "hint": wrong.hint,
    "status": wrong.status,
    "spans": article.sync("a/1", client=service, q="tea").highlight.body_spans,
    "members": list(bare.results[0].to_dict()),
    "lines": len(written.content.decode().splitlines()),
}))
"""


@pytest.mark.slow
def test_a_generated_python_client_searches_with_filters(root: str, description: Path, tmp_path: Path) -> None:
    pytest.importorskip("openapi_python_client", reason="install the extra dev")
    generate = ("generate", "--path", description, "--meta", "none", "--output-path", tmp_path / "client")
    program = "import sys; from openapi_python_client.cli import app; app()"
    run(sys.executable, "-c", program, *generate, cwd=tmp_path)
    assert json.loads(run(sys.executable, "-c", PROGRAM, root, cwd=tmp_path)) == EXPECTED
