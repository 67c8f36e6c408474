"""The index folder: drafts, publication, rollback, the write lock, checksums, and what a crash leaves behind."""

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

import orjson
import pytest

from searchsvc.durable import sync_folder
from searchsvc.errors import BusyError, NoIndexError, ServiceError, UserError
from searchsvc.index import MANIFEST_VERSION, Generation, GenerationInfo, GenerationStore, Manifest
from tests.conftest import ROOT

INFO = GenerationInfo(
    engine="tantivy",
    schema=3,
    reader=4,
    languages=("english",),
    articles=5,
    failures=1,
    created="2026-01-01T00:00:00Z",
    manifest=MANIFEST_VERSION,
    mapping=(("headline", "title"),),
    fields={"mood": (2, 1)},
)
MUTABLE = frozenset({"meta.json"})
LOCKS = frozenset({".writer.lock"})


@pytest.fixture
def store(tmp_path: Path) -> GenerationStore:
    return GenerationStore(tmp_path / "index")


def publish(store: GenerationStore, **files: str) -> Generation:
    """Publish a generation with these engine files added to those of the live one."""
    base = store.live()
    with store.write_lock():
        draft = store.draft(base, MUTABLE, LOCKS)
        for name, text in ({"meta.json": "{}", "segment": "words", ".writer.lock": ""} | files).items():
            if not (draft.engine / name).exists() or name in files:
                (draft.engine / name).write_text(text)
        with Manifest(draft.manifest, writing=True) as manifest:
            manifest.commit()
        return store.publish(draft, INFO, base, LOCKS)


def names(store: GenerationStore) -> list[str]:
    return [generation.name for generation in store.generations()]


def live_name(store: GenerationStore) -> str | None:
    live = store.live()
    return live.name if live else None


def fail(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


# Publication


def test_an_empty_store_has_nothing(store: GenerationStore) -> None:
    assert (store.version(), store.live(), store.generations(), store.earlier()) == (None, None, [], None)
    assert store.next_name() == "g000001"
    assert not store.folder.exists()


def test_a_published_generation_is_live_and_says_what_it_is(store: GenerationStore) -> None:
    first = publish(store)
    assert first == Generation("g000001", store.folder / "g000001") == store.live()
    info = first.info()
    assert set(info.files) == {"manifest.sqlite", "engine/meta.json", "engine/segment"}
    assert info.files["engine/segment"] == (5, 0x717D1E8C)
    assert (info.fields, info.mapping, info.articles) == (INFO.fields, INFO.mapping, 5)
    assert list(first.verify_checksums()) == []
    with first.open_manifest() as manifest:
        assert manifest.files() == {}


def test_every_publication_changes_the_version(store: GenerationStore) -> None:
    versions = [store.version()]
    for _ in range(3):
        publish(store)
        versions.append(store.version())
    with store.write_lock():
        store.rollback()
    versions.append(store.version())
    assert len(set(versions)) == 5


def test_a_clone_shares_the_files_that_do_not_change(store: GenerationStore) -> None:
    first, second = publish(store), publish(store, **{"meta.json": "{ }", "new": "x"})
    shared = {file.name for file in second.engine.iterdir() if file.stat().st_nlink > 1}
    assert shared == {"segment"}
    assert (first.engine / "meta.json").read_text() == "{}"
    assert not list(first.verify_checksums())
    assert not list(second.verify_checksums())
    assert first.info().files["engine/segment"] == second.info().files["engine/segment"]


def test_lock_files_are_neither_cloned_nor_listed(store: GenerationStore) -> None:
    publish(store)
    with store.write_lock():
        draft = store.draft(store.live(), MUTABLE, LOCKS)
        assert {file.name for file in draft.engine.iterdir()} == {"meta.json", "segment"}


def test_files_are_copied_if_they_cannot_be_linked(store: GenerationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store)
    monkeypatch.setattr(Path, "hardlink_to", fail)
    second = publish(store)
    assert (second.engine / "segment").stat().st_nlink == 1
    assert not list(second.verify_checksums())


# Rollback and pruning


def test_rollback_goes_back_one_by_one_and_the_next_number_is_new(store: GenerationStore) -> None:
    for _ in range(3):
        publish(store)
    for name in ("g000002", "g000001"):
        with store.write_lock():
            assert store.rollback().name == name == live_name(store)
    with store.write_lock(), pytest.raises(UserError, match="no undamaged generation before the live one"):
        store.rollback()
    assert publish(store).name == "g000004"


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("engine/segment", b"wordz", "engine/segment: its checksum is wrong"),
        ("engine/segment", b"word", "engine/segment: it has 4 bytes instead of 5"),
        ("engine/segment", None, "engine/segment: it cannot be read (No such file or directory)"),
        ("manifest.sqlite", b"", "manifest.sqlite: it has 0 bytes instead of"),
        ("generation.json", b"{", "generation.json: the generation g000002"),
        ("generation.json", b"null", "generation.json: the generation g000002"),
        ("generation.json", None, "generation.json: the generation g000002"),
    ],
)
def test_damaged_files_are_named_and_rollback_skips_their_generation(
    store: GenerationStore, file: str, content: bytes | None, problem: str
) -> None:
    for number in range(3):
        publish(store, **{"segment": "words", f"file{number}": "x"})
    damaged = store.generations()[1]
    (damaged.folder / file).unlink()
    if content is not None:
        (damaged.folder / file).write_bytes(content)
    (found,) = damaged.verify_checksums()
    assert found.startswith(problem)
    earlier = store.earlier()
    assert earlier is not None
    assert earlier.name == "g000001"


def test_a_changed_description_is_damage(store: GenerationStore) -> None:
    live = publish(store)
    file = live.folder / "generation.json"
    file.write_bytes(file.read_bytes().replace(b'"articles": 5', b'"articles": 6'))
    with pytest.raises(
        NoIndexError, match=r"g000001 in .* is damaged \(the checksum of generation.json is wrong\).*rollback"
    ):
        live.info()


def test_a_manifest_of_another_version_is_not_read(store: GenerationStore) -> None:
    with store.write_lock():
        draft = store.draft(None)
        Manifest(draft.manifest, writing=True).__exit__()
        old = GenerationInfo("tantivy", 3, 4, ("english",), 0, 0, "2025-01-01T00:00:00Z")
        live = store.publish(draft, old, None)
    with pytest.raises(NoIndexError, match="another version of searchsvc: run `searchsvc reindex`"):
        live.open_manifest()


@pytest.mark.parametrize(
    ("keep", "rollbacks", "kept"),
    [
        (3, 0, ["g000003", "g000004", "g000005"]),
        (1, 0, ["g000005"]),
        (9, 0, ["g000001", "g000002", "g000003", "g000004", "g000005"]),
        (2, 3, ["g000002", "g000005"]),
        (1, 4, ["g000001"]),
    ],
)
def test_pruning_keeps_the_newest_and_the_live_one(
    store: GenerationStore, keep: int, rollbacks: int, kept: list[str]
) -> None:
    for _ in range(5):
        publish(store)
    for _ in range(rollbacks):
        with store.write_lock():
            store.rollback()
    store.prune(keep)
    assert names(store) == kept


# Crashes


class PowerCut(BaseException):
    """The end of the process, which no code of ours handles."""


def stop_at(number: int, store: GenerationStore, patch: pytest.MonkeyPatch) -> None:
    """Stop at this call of those that make a publication durable, without any cleanup."""
    numbers = count(1)

    def stopping(call: Callable[..., None]) -> Callable[..., None]:
        def stop_or_call(*arguments: object, **keywords: object) -> None:
            if next(numbers) == number:
                raise PowerCut
            call(*arguments, **keywords)

        return stop_or_call

    for name in ("fsync", "rename", "replace"):
        patch.setattr(os, name, stopping(getattr(os, name)))
    patch.setattr(store, "_delete_drafts", lambda: None)


# Three changed files, generation.json, two folders; CURRENT.new, the draft's rename and the switch, each with its folder.
@pytest.mark.parametrize(("number", "published"), [*((number, 1) for number in range(1, 12)), (12, 2)])
def test_a_publication_that_stops_anywhere_leaves_one_whole_generation_live(
    store: GenerationStore, monkeypatch: pytest.MonkeyPatch, number: int, published: int
) -> None:
    publish(store)
    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        stop_at(number, store, patch)
        publish(store, extra="x")
    live = store.live()
    assert live is not None
    assert (live.name, list(live.verify_checksums())) == (f"g00000{published}", [])
    with store.write_lock():
        assert names(store) == ["g000001", "g000002"][:published]
    assert not list(store.folder.glob("draft-*"))
    assert not (store.folder / "CURRENT.new").exists()
    assert publish(store).name == f"g00000{published + 1}"


def test_what_fails_before_the_switch_leaves_no_trace(store: GenerationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="Input/output error"):
        patch.setattr("searchsvc.index.store.sync_folder", fail)
        publish(store, extra="x")
    assert (names(store), live_name(store)) == (["g000001"], "g000001")
    assert not (store.folder / "CURRENT.new").exists()


def break_off(store: GenerationStore, patch: pytest.MonkeyPatch) -> None:
    """Leave a generation behind that has its name but was never live, since nothing can be deleted any more."""
    patch.setattr("searchsvc.index.store.sync_folder", fail_at(2))
    patch.setattr(shutil, "rmtree", fail)
    with pytest.raises(OSError, match="Input/output error"):
        publish(store, extra="x")


def fail_at(number: int) -> Callable[[Path], None]:
    numbers = count(1)
    return lambda folder: fail() if next(numbers) == number else sync_folder(folder)


def test_what_was_never_live_is_neither_listed_nor_pruned_nor_rolled_back_to(
    store: GenerationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store)
    with monkeypatch.context() as patch:
        break_off(store, patch)
        for _ in range(3):  # nothing is written as long as it cannot be deleted
            with pytest.raises(ServiceError, match=r"cannot be written \(Input/output error\): check whether its disk"):
                publish(store)
    assert (store.folder / "g000002").exists()
    assert (names(store), live_name(store), store.earlier()) == (["g000001"], "g000001", None)
    store.prune(1)
    assert live_name(store) == "g000001"
    with pytest.raises(UserError, match="no undamaged generation"), store.write_lock():
        store.rollback()
    assert not (store.folder / "g000002").exists()
    assert publish(store).name == "g000002"


def test_a_publication_that_the_disk_does_not_confirm_is_live_and_deletes_nothing(
    store: GenerationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store)
    monkeypatch.setattr("searchsvc.index.store.sync_folder", fail_at(3))
    with pytest.raises(ServiceError, match=r"g000002 is live, but the disk of .* did not confirm it"):
        publish(store)
    assert (names(store), live_name(store)) == (["g000001", "g000002"], "g000002")
    monkeypatch.setattr("searchsvc.index.store.sync_folder", fail)
    with pytest.raises(OSError, match="Input/output error"):
        store.prune(1)  # what CURRENT may name after a power failure stays
    assert names(store) == ["g000001", "g000002"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../corpus\n", b"g1\n", None])
def test_without_a_live_generation_the_last_one_can_be_rolled_back_to(
    store: GenerationStore, content: bytes | None
) -> None:
    for _ in range(2):
        publish(store)
    current = store.folder / "CURRENT"
    current.unlink() if content is None else current.write_bytes(content)
    assert store.live() is None
    (store.folder / "CURRENT.back").write_text("g000002\n")  # a rollback that was broken off
    with store.write_lock():
        assert names(store) == ["g000001", "g000002"]
        assert store.rollback().name == "g000002" == live_name(store)
    assert not (store.folder / "CURRENT.back").exists()


def test_a_folder_that_cannot_be_read_is_no_empty_one(store: GenerationStore) -> None:
    publish(store)
    store.folder.rename(store.folder.with_name("away"))
    store.folder.write_text("")
    for read in (store.version, store.live):
        with pytest.raises(NoIndexError, match=r"CURRENT cannot be read \(Not a directory\)") as error:
            read()
        assert str(store.folder) not in error.value.public


def test_an_unfinished_rollback_deletes_nothing(store: GenerationStore) -> None:
    for _ in range(3):
        publish(store)
    (store.folder / "CURRENT.new").write_text("g000002\n")
    with store.write_lock():
        pass
    assert (names(store), live_name(store)) == (["g000001", "g000002", "g000003"], "g000003")
    assert not (store.folder / "CURRENT.new").exists()


@pytest.mark.parametrize("text", ["", "../corpus\n", "g1\n", "\udcff"])
def test_a_torn_name_deletes_nothing(store: GenerationStore, text: str) -> None:
    publish(store)
    (store.folder.parent / "corpus").mkdir()
    (store.folder / "CURRENT.new").write_bytes(text.encode(errors="surrogateescape"))
    with store.write_lock():
        pass
    assert (store.folder.parent / "corpus").exists()
    assert names(store) == ["g000001"]


def test_drafts_are_deleted_by_whoever_locks_next(store: GenerationStore) -> None:
    with store.write_lock():
        leftover = store.draft(None)
        shutil.copytree(leftover.folder, store.folder / "draft-g000009")
        assert {path.name for path in store.folder.glob("draft-*")} == {"draft-g000001", "draft-g000009"}
    assert not list(store.folder.glob("draft-*"))


def test_a_draft_is_deleted_although_an_engine_goes_on_locking_it(store: GenerationStore) -> None:
    ended = threading.Event()

    def lock(name: str) -> None:
        while not ended.is_set():
            with suppress(OSError):
                (store.folder / "draft-g000001" / "engine" / name).touch()

    with store.write_lock(), ThreadPoolExecutor(2) as threads:
        try:
            for name in (".meta.lock", ".writer.lock"):
                threads.submit(lock, name)
            for _ in range(50):
                store.draft(None)
        finally:
            ended.set()


# The lock


def test_there_is_one_writer_at_a_time(store: GenerationStore) -> None:
    refused = pytest.raises(BusyError, match=f"another reindex \\(process {os.getpid()}\\) is writing")
    with store.write_lock(), refused, store.write_lock(timeout=0.3):
        pass
    with store.write_lock():
        pass


def test_the_lock_dies_with_its_process(store: GenerationStore) -> None:
    code = (
        "import sys, time; from pathlib import Path; from searchsvc.index import GenerationStore\n"
        "with GenerationStore(Path(sys.argv[1])).write_lock(): print('locked', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(store.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(BusyError, match=f"process {process.pid}"), store.write_lock():
            pass
        process.kill()
    with store.write_lock():
        pass


# The folder


def test_a_new_folder_is_marked_as_a_cache(store: GenerationStore) -> None:
    with store.write_lock():
        pass
    assert (store.folder / ".gitignore").read_text() == "*\n"
    assert (store.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n# ")


def test_an_index_of_an_earlier_version_is_marked_too(store: GenerationStore) -> None:
    publish(store)
    for name in (".reindexing", "reindex.json", ".requested", ".owner", "reindex.new", ".gitignore.new"):
        (store.folder / name).touch()
    (store.folder / "distributed-g000009").mkdir()
    for name in (".gitignore", "CACHEDIR.TAG"):
        (store.folder / name).unlink()
    with store.write_lock():
        pass
    assert (store.folder / ".gitignore").read_text() == "*\n"
    assert (store.folder / "CACHEDIR.TAG").read_text().startswith("Signature: ")


def test_marks_are_whole_or_missing(store: GenerationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(ServiceError, match="No space left on device"):
        patch.setattr(Path, "write_text", no_space)
        store.create_folder()
    assert list(store.folder.iterdir()) == []
    store.create_folder()
    assert (store.folder / ".gitignore").read_text() == "*\n"


def no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o027, 0o077])
def test_every_file_has_the_mode_that_the_umask_says(store: GenerationStore, umask: int) -> None:
    before = publish(store)
    modes = {file: file.stat().st_mode for file in before.folder.rglob("*")}
    former = os.umask(umask)
    try:
        with store.write_lock():
            draft = store.draft(before, MUTABLE, LOCKS)
            for name, mode in (("meta.json", 0o600), (".writer.lock", 0o777), ("own", 0o640)):
                (draft.engine / name).touch()
                (draft.engine / name).chmod(mode)  # as libraries create theirs
            published = store.publish(draft, INFO, before, LOCKS)
    finally:
        os.umask(former)
    assert {file: file.stat().st_mode for file in before.folder.rglob("*")} == modes
    own = [file for file in published.folder.rglob("*") if file.name != "segment"]  # which the two share
    assert {oct(file.stat().st_mode & 0o777) for file in own if file.is_file()} == {oct(0o666 & ~umask)}
    assert oct(published.engine.stat().st_mode & 0o777) == oct(0o777 & ~umask)


def test_an_own_gitignore_and_other_files_are_left_alone(tmp_path: Path) -> None:
    cloned, other = tmp_path / "cloned", tmp_path / "other"
    for folder in (cloned, other):
        folder.mkdir()
        (folder / ".gitignore").write_text("own")
    (other / "notes.txt").write_text("")
    for folder in (cloned, other):
        publish(GenerationStore(folder))
        assert (folder / ".gitignore").read_text() == "own"
    assert (cloned / "CACHEDIR.TAG").exists()
    assert not (other / "CACHEDIR.TAG").exists()


def test_the_marks_are_no_generations_and_outlive_pruning(store: GenerationStore) -> None:
    for _ in range(3):
        publish(store)
    store.prune(1)
    visible = {"CURRENT", ".lock", "g000003"}
    assert {path.name for path in store.folder.iterdir()} == {*visible, ".gitignore", "CACHEDIR.TAG"}
    assert names(store) == ["g000003"]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_clean_empties_the_index_folder_of_the_repository(tmp_path: Path) -> None:
    assert (ROOT / "index" / ".gitignore").read_text() == "*\n!.gitignore\n"
    publish(GenerationStore(tmp_path / "index"))
    for _ in range(2):
        subprocess.run(["make", "-f", ROOT / "Makefile", "clean"], cwd=tmp_path, check=True, capture_output=True)
        assert [path.name for path in (tmp_path / "index").iterdir()] == [".gitignore"]
    shutil.rmtree(tmp_path / "index")
    subprocess.run(["make", "-f", ROOT / "Makefile", "clean"], cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("text", ["*\n", "*\n!.gitignore\n"])
def test_git_sees_nothing_of_an_index(tmp_path: Path, text: str) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / ".gitignore").write_text(text)
    publish(GenerationStore(tmp_path / "index"))
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    seen = subprocess.run(status, check=True, capture_output=True, text=True).stdout
    assert seen == ("" if text == "*\n" else "?? index/.gitignore\n")


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "index", Path("/proc/none")):
        with (
            pytest.raises(UserError, match=rf"{folder} cannot be written .*: make it writable, or name another"),
            GenerationStore(folder).write_lock(),
        ):
            pass


def test_the_description_is_plain_json(store: GenerationStore) -> None:
    described = orjson.loads((publish(store).folder / "generation.json").read_bytes())
    assert described["files"]["engine/segment"] == [5, 0x717D1E8C]
    assert (described["manifest"], described["mapping"]) == (MANIFEST_VERSION, [["headline", "title"]])
