"""Counts of files that are not read."""

from searchsvc.model.skipped import (
    HIDDEN,
    MAX_SUFFIXES,
    OTHER_SUFFIXES,
    UNKNOWN_FORMAT,
    SkipCounter,
    SkippedFiles,
)


def test_files_are_counted_by_reason_and_suffix_the_most_frequent_first() -> None:
    counter = SkipCounter()
    for suffix in (".png", ".js", ".png", ""):
        counter.add(UNKNOWN_FORMAT, suffix)
    counter.add_all([SkippedFiles(HIDDEN, "", 5)])
    assert [(each.reason, each.suffix, each.files) for each in counter] == [
        (HIDDEN, "", 5),
        (UNKNOWN_FORMAT, ".png", 2),
        (UNKNOWN_FORMAT, "", 1),
        (UNKNOWN_FORMAT, ".js", 1),
    ]


def test_very_many_suffixes_are_summed() -> None:
    counter = SkipCounter()
    for number in range(10_000):
        counter.add(UNKNOWN_FORMAT, f".x{number}")
        counter.add(HIDDEN)
    counts = list(counter)
    assert len(counts) <= MAX_SUFFIXES + 2
    assert counts[0] == SkippedFiles(HIDDEN, "", 10_000)
    assert counts[1] == SkippedFiles(UNKNOWN_FORMAT, OTHER_SUFFIXES, 10_000 - (MAX_SUFFIXES - 1))
    assert sum(each.files for each in counts) == 20_000
