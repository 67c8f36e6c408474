"""The faults of `make mutants`."""

import pytest

from dev.mutants import MUTANTS, ROOT, Edit


@pytest.mark.parametrize("edit", [edit for edits in MUTANTS.values() for edit in edits])
def test_the_text_of_a_fault_stands_once_in_its_file(edit: Edit) -> None:
    assert (ROOT / edit.file).read_text().count(edit.old) == 1
