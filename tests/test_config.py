"""Settings: misspelt names and values that cannot be, each an error that says what to do."""

from pathlib import Path

import pytest

from searchsvc.config import Settings, load_settings
from searchsvc.errors import UserError


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"SEARCHSVC_WORKER": "3"}, "unknown setting SEARCHSVC_WORKER; did you mean SEARCHSVC_WORKERS?"),
        ({"SEARCHSVC_CORPUS": ""}, "SEARCHSVC_CORPUS is “”; it must be the path of a folder"),
        ({"SEARCHSVC_HOST": ""}, "SEARCHSVC_HOST is “”; it must be an address such as 127.0.0.1"),
        ({"SEARCHSVC_OPENSEARCH_URL": ""}, "SEARCHSVC_OPENSEARCH_URL is “”; it must be URLs such as"),
    ],
)
def test_a_wrong_environment_is_an_error(environ: dict[str, str], expected: str, tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        load_settings(environ, tmp_path / "none.toml")
    assert str(raised.value).startswith(expected)


def test_variables_of_other_programs_are_ignored(tmp_path: Path) -> None:
    environ = {"SEARCHSVC_SERVICE_HOST": "10.0.0.1", "SEARCHSVC_DATA": "/data"}
    assert load_settings(environ, tmp_path / "none.toml") == Settings()


def test_an_unknown_name_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "searchsvc.toml"
    file.write_text('corpse = "/srv"')
    with pytest.raises(UserError, match=r"unknown setting “corpse” in .*; did you mean “corpus”\?"):
        load_settings({}, file)
