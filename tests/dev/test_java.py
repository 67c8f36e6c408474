"""Which Java runs which version of OpenSearch."""

from pathlib import Path

import pytest

from dev.java import Java, java_for, needed_for


def java(folder: Path, version: str) -> Path:
    folder.mkdir()
    (folder / "release").write_text(f'IMPLEMENTOR="us"\nJAVA_VERSION="{version}"\nMODULES="java.base jdk.net"\n')
    return folder


@pytest.mark.parametrize(
    ("opensearch", "version", "runs"),
    [
        ("2.19.5", "17.0.15", True),
        ("2.19.5", "23", True),
        ("2.19.5", "25.0.3", False),
        ("2.19.5", "1.8.0_392", False),
        ("3.8.0", "17.0.15", False),
        ("3.8.0", "21.0.8", True),
        ("3.8.0", "25.0.3", True),
        ("4.0.0", "25.0.3", True),
    ],
)
def test_each_version_of_opensearch_has_its_versions_of_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opensearch: str, version: str, runs: bool
) -> None:
    home = java(tmp_path / "java", version)
    monkeypatch.setenv("OPENSEARCH_JAVA_HOME", str(home))
    found = java_for(opensearch)
    assert (found is not None and found.home == home) is runs
    if runs:
        assert found == Java(home, int(version.partition(".")[0]), frozenset({"java.base", "jdk.net"}))


def test_a_folder_without_a_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSEARCH_JAVA_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "java", "21.0.1")))
    assert java_for("3.8.0") == Java(tmp_path / "java", 21, frozenset({"java.base", "jdk.net"}))


def test_the_message_says_which_java_is_needed() -> None:
    assert (needed_for("2.19.5"), needed_for("3.8.0")) == ("Java 11 to 23", "Java 21 or later")
