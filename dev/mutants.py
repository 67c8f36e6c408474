"""Faults that the contract tests have to find: each is put into a copy of the source, and the tests have to fail.

    python -m dev.mutants [--runs N] [--engines NAME …] [--only WORD]     (or `make mutants`)

The checkout itself is never changed. A fault whose source text is no longer found is an error: give it its new text here.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
TESTS = "tests/engines/test_contract.py"
COPIED = ("searchsvc", "tests", "dev")
_PASSED, _FAILED = 0, 1
"""Exit statuses of pytest. All others mean that the tests could not run."""


class Edit(NamedTuple):
    """A text that stands exactly once in a file, and the text that replaces it."""

    file: str
    old: str
    new: str


_MATCHING = "searchsvc/analysis/term_matching.py"
_TANTIVY = "searchsvc/engines/tantivy/compiler.py"
_FORMS = "searchsvc/engines/tantivy/forms.py"
MUTANTS: dict[str, tuple[Edit, ...]] = {
    "fuzzy finds equal words only": (
        Edit(_MATCHING, "score_cutoff=distance) <= distance", "score_cutoff=distance) <= 0"),
        Edit(_TANTIVY, "distance=node.distance", "distance=0"),
    ),
    "? matches many letters": (Edit(_MATCHING, r'replace(r"\?", ".")', r'replace(r"\?", ".+")'),),
    "a possessive is not cut": (Edit(_MATCHING, "_without_possessive(node.text)", "node.text"),),
    "slop is doubled": (
        Edit("searchsvc/analysis/phrases.py", "    targets: dict", "    slop *= 2\n    targets: dict"),
        Edit(_FORMS, "(places, pair[1])], slop)", "(places, pair[1])], 2 * slop)"),
    ),
    "only a field's first value is indexed": (
        Edit("searchsvc/model/article.py", "filter(None, values)", "filter(None, values[:1])"),
    ),
    "stemming is off": (
        Edit("searchsvc/analysis/analyzer.py", "self.language = language", 'self.language = language = "none"'),
    ),
}


def main() -> None:
    """Print how often the tests of each engine found each fault. Exit with 1 if one was missed."""
    parser = argparse.ArgumentParser(
        description="Put faults into the engines, and see whether the contract tests find them."
    )
    parser.add_argument("--runs", type=int, default=10, help="runs for each fault and engine, each with another seed")
    parser.add_argument("--engines", nargs="+", default=["tantivy", "whoosh"], metavar="NAME")
    parser.add_argument("--only", default="", metavar="WORD", help="only the faults with this word in their names")
    args = parser.parse_args()
    for engine in args.engines:
        with mutated(()) as copy:
            if is_found(copy, engine, seed=0):
                sys.exit(f"the tests of {engine} fail without any fault: run pytest {TESTS} -k {engine}")
    missed = 0
    for name in (name for name in MUTANTS if args.only in name):
        with mutated(MUTANTS[name]) as copy:
            found = [sum(is_found(copy, engine, seed) for seed in range(args.runs)) for engine in args.engines]
        missed += sum(args.runs - each for each in found)
        counts = (f"{engine} {each:>2} of {args.runs}" for engine, each in zip(args.engines, found, strict=True))
        print(f"{name:<40}", *counts, sep="  ", flush=True)
    sys.exit(1 if missed else 0)


@contextmanager
def mutated(edits: tuple[Edit, ...]) -> Iterator[Path]:
    """Provide a copy of the source with the edits. Exit if one of the texts does not stand exactly once in its file."""
    with tempfile.TemporaryDirectory(prefix="searchsvc-mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        for file, old, new in edits:
            source = (copy / file).read_text()
            if source.count(old) != 1:
                sys.exit(f"{file} has {source.count(old)} times {old!r} instead of once: give dev/mutants.py its new text")
            (copy / file).write_text(source.replace(old, new))
        yield copy


def is_found(copy: Path, engine: str, seed: int) -> bool:
    """Return whether the contract tests of an engine fail. Exit if they cannot run."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", TESTS, "-k", engine]
    environ = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "mutants"}
    run = subprocess.run(
        [*command, f"--hypothesis-seed={seed}"], cwd=copy, env=environ, capture_output=True, text=True, check=False
    )
    if run.returncode not in (_PASSED, _FAILED):
        sys.exit(f"the tests of {engine} cannot run:\n{run.stdout}{run.stderr}")
    return run.returncode == _FAILED


if __name__ == "__main__":
    main()
