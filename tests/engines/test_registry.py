"""The engines by name."""

import subprocess
import sys

import pytest

from searchsvc.config import EMBEDDED, ENGINES, Settings
from searchsvc.engines import backend_for
from searchsvc.errors import UserError


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_has_a_backend_of_its_name(name: str) -> None:
    assert backend_for(name, Settings()).name == name


@pytest.mark.parametrize("name", ["", "lucene", "Tantivy", "tantivy ", "searchsvc.engines.whoosh", "../whoosh"])
def test_an_unknown_engine_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(UserError) as error:
        backend_for(name, Settings())
    assert str(error.value) == f"unknown engine “{name}”; choose from tantivy, whoosh, opensearch"
    assert (error.value.param, error.value.hint) == ("engine", "tantivy")


@pytest.mark.parametrize("name", EMBEDDED)
def test_only_the_engine_in_use_is_loaded(name: str) -> None:
    code = (
        "import sys; from searchsvc.config import Settings; from searchsvc.engines import backend_for; "
        f"backend_for({name!r}, Settings()); print(*sorted({{'whoosh', 'opensearchpy'}} & sys.modules.keys()))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ([] if name == "tantivy" else [name])  # the analyzer loads Tantivy for every engine
