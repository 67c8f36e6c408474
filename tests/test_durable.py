"""Durable writes: the content is whole, the file is replaced, and the disk has it before the function returns."""

import os
from pathlib import Path

import pytest

from searchsvc.durable import sync_folder, write_durably


class Synced(list[str]):
    """The names of the files and folders that were flushed to disk."""


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Synced:
    found, fsync = Synced(), os.fsync

    def record(descriptor: int) -> None:
        target = Path(f"/proc/self/fd/{descriptor}").readlink()
        found.append(f"{target.name} {target.stat().st_size if target.is_file() else 'folder'}")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    return found


@pytest.mark.parametrize("data", [b"", b"x", b"\x00\r\n\xff", "तेल".encode(), b"x" * 1_000_000])
def test_the_content_is_written_and_flushed(tmp_path: Path, synced: Synced, data: bytes) -> None:
    write_durably(tmp_path / "file", data)
    assert (tmp_path / "file").read_bytes() == data
    assert synced == [f"file {len(data)}"]  # nothing is left in a buffer when the disk is told


@pytest.mark.parametrize("former", [b"", b"short", b"a much longer former content"])
def test_a_former_content_is_replaced(tmp_path: Path, former: bytes) -> None:
    (tmp_path / "file").write_bytes(former)
    write_durably(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.parametrize(
    ("name", "error"), [("none/file", FileNotFoundError), (".", IsADirectoryError), ("a\x00b", ValueError)]
)
def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path, name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        write_durably(tmp_path / name, b"x")
    assert list(tmp_path.iterdir()) == []


def test_the_names_in_a_folder_are_flushed(tmp_path: Path, synced: Synced) -> None:
    (tmp_path / "folder").mkdir()
    sync_folder(tmp_path / "folder")
    assert synced == ["folder folder"]


def test_no_descriptor_is_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    write_durably(tmp_path / "file", b"x")
    sync_folder(tmp_path)

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input/output error"):
        write_durably(tmp_path / "file", b"x")
    with pytest.raises(OSError, match="Input/output error"):
        sync_folder(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "none")
