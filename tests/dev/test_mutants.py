"""The faults of `make mutants`."""

import pytest

from dev.mutants import MUTANTS, ROOT, Edit, is_found, mutated


@pytest.mark.parametrize("edit", [edit for edits in MUTANTS.values() for edit in edits])
def test_the_text_of_a_fault_stands_once_in_its_file(edit: Edit) -> None:
    assert (ROOT / edit.file).read_text().count(edit.old) == 1


@pytest.mark.slow
def test_the_contract_tests_run_in_a_copy_and_fail_there_only_with_a_fault() -> None:
    found = []
    for edits in ((), MUTANTS["a possessive is not cut"]):
        with mutated(edits) as copy:
            found.append(is_found(copy, "tantivy", seed=0))
    assert found == [False, True]
