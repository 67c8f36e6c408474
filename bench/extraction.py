"""How well pages are read: F1 of the body, accuracy of authors, titles and days, and pages a second, beside others.

    python -m bench.extraction [--worst N]     (or `make bench-extraction`)

Then how well datelines are read, on Reuters' own.

Bodies are compared by their runs of four words, as the public article-extraction benchmark does; days and titles by being
the same; authors by being the same names. The pages are split into two halves by a digest of their name. Rules were written
with the first half in view, so the second says more about other pages. Readers take turns on each page, and their time is
processor time, since other programs would distort the time of one after the other.
"""

import argparse
import gzip
import json
import logging
import lzma
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha1
from pathlib import Path
from statistics import mean
from time import process_time
from typing import Any, TypeVar
from unicodedata import normalize

from bs4 import BeautifulSoup
from htmldate import find_date
from trafilatura import extract, extract_metadata

from bench.real import DATA
from searchsvc.corpus import read_file
from searchsvc.corpus.metadata import parse_dateline
from searchsvc.model.article import Article

T = TypeVar("T")
Bodies = Mapping[str, str]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--worst", type=int, default=0, metavar="N", help="also name the pages whose body is read worst")
    worst = options.parse_args().worst
    if not (DATA / "html").is_dir():
        sys.exit(f"{DATA / 'html'} is missing: set SEARCHSVC_DATA to the folder of the real articles")
    logging.disable(logging.CRITICAL)  # what others say of broken pages
    _bench_bodies(worst)
    _bench_metadata()
    _bench_dates()
    _bench_datelines()


def _bench_bodies(worst: int) -> None:
    truth = {
        name: each["articleBody"] for name, each in json.loads((DATA / "html" / "body-truth.json").read_text()).items()
    }
    readers: dict[str, Callable[[Path], str]] = {
        "searchsvc": lambda file: _article(file).body,
        "trafilatura": lambda file: extract(_html(file)) or "",
        "Beautiful Soup's text": lambda file: BeautifulSoup(_html(file), "lxml").get_text(" "),
    }
    found, rates = _read_all({page: DATA / "html" / "body" / f"{page}.html.gz" for page in truth}, readers)
    print("| body | precision | recall | F1 | F1 of each half | pages a second |\n|---|---|---|---|---|---|")
    for name, bodies in found.items():
        precision, recall, f1 = _scores(truth, bodies)
        halves = ", ".join(f"{_scores(half, bodies)[2]:.3f}" for half in _halves(truth))
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {halves} | {rates[name]:.0f} |")
    if worst:
        _name_worst(truth, found["searchsvc"], worst)


def _bench_metadata() -> None:
    """Authors count on pages that name any. Letters and digits are compared, and not the case."""
    truth: dict[str, dict[str, Any]] = json.loads((DATA / "html" / "meta-truth.json").read_text())
    readers: dict[str, Callable[[Path], tuple[str, Iterable[str]]]] = {
        "searchsvc": lambda file: ((article := _article(file)).title, article.author),
        "trafilatura": _trafilatura_metadata,
    }
    found, _ = _read_all({page: DATA / "html" / "dates" / page for page in truth}, readers)
    titles = {page: _letters(each["title"]) for page, each in truth.items()}
    authors = {page: _names(each["author"]) for page, each in truth.items() if each.get("author")}
    print("\n| authors and titles | authors | in each half | titles | in each half |\n|---|---|---|---|---|")
    for name, read in found.items():
        right_authors = _accuracies(authors, {page: {*map(_letters, names)} for page, (_, names) in read.items()})
        right_titles = _accuracies(titles, {page: _letters(title) for page, (title, _) in read.items()})
        print(f"| {name} | {right_authors} | {right_titles} |")


def _bench_dates() -> None:
    truth: dict[str, dict[str, str]] = json.loads((DATA / "html" / "dates-truth.json").read_text())
    readers: dict[str, Callable[[Path], str]] = {
        "searchsvc": lambda file: str(_article(file).date or ""),
        "htmldate": lambda file: find_date(_html(file), original_date=True) or "",
    }
    found, rates = _read_all({page: DATA / "html" / "dates" / page for page in truth}, readers)
    print("\n| day | right | in each half | pages a second |\n|---|---|---|---|")
    for name, days in found.items():
        right = _accuracies({page: day["date"] for page, day in truth.items()}, days)
        print(f"| {name} | {right} | {rates[name]:.0f} |")


def _read_all(
    files: Mapping[str, Path], readers: Mapping[str, Callable[[Path], T]]
) -> tuple[dict[str, dict[str, T]], dict[str, float]]:
    """Return what each reader finds on each page, and its pages a second of processor time. The readers take turns."""
    found: dict[str, dict[str, T]] = {name: {} for name in readers}
    seconds = dict.fromkeys(readers, 0.0)
    for page, file in files.items():
        for name, read in readers.items():
            begun = process_time()
            found[name][page] = read(file)
            seconds[name] += process_time() - begun
    return found, {name: len(files) / each for name, each in seconds.items()}


def _halves(truth: Mapping[str, T]) -> Iterator[dict[str, T]]:
    for half in (0, 1):
        yield {page: each for page, each in truth.items() if sha1(page.encode()).digest()[-1] % 2 == half}


def _accuracies(truth: Mapping[str, T], found: Mapping[str, T]) -> str:
    """Return two cells of a table: the share of the pages that are right, and that in each half."""
    shares = [mean(found[page] == true for page, true in pages.items()) for pages in (truth, *_halves(truth))]
    return f"{shares[0]:.3f} | {shares[1]:.3f}, {shares[2]:.3f}"


def _trafilatura_metadata(file: Path) -> tuple[str, list[str]]:
    found = extract_metadata(_html(file))
    return found.title or "", (found.author or "").split("; ")


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", normalize("NFKC", text).replace("\xad", ""))).casefold()


def _names(written: str | list[str]) -> set[str]:
    """Return the names in a byline as the people who collected the pages wrote it down."""
    bylines = [written] if isinstance(written, str) else written
    return {_letters(name) for byline in bylines for name in re.split(";|,| und | and ", byline)}


def _bench_datelines() -> None:
    """The place of a dateline put in front of the text is the one it begins with; without it, there is none."""
    with lzma.open(DATA / "reuters.jsonl.xz", "rt", encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    texts = [(str(item["text"]), (item["dateline"] or "").strip()) for item in items if item["text"]]
    places = [(place, parse_dateline(f"{place} {text}")) for text, place in texts if place]
    found = [(place.partition(",")[0], line.places[0]) for place, line in places if line is not None]
    right = sum(true.casefold() == read.casefold() for true, read in found)
    wrong = sum(parse_dateline(text) is not None for text, _ in texts)
    print("\n| datelines | found | of these right | found in texts without |\n|---|---|---|---|")
    print(f"| {len(places):,} | {len(found) / len(places):.3f} | {right / len(found):.4f} | {wrong} of {len(texts):,} |")


def _article(file: Path) -> Article:
    read = [item for item in read_file(file, file.name) if isinstance(item, Article)]
    return read[0] if read else Article("", "", "", "")


def _html(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode("utf-8", "replace")


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)) if words)


def _shares(true: str, found: str) -> tuple[float | None, float | None]:
    """Precision and recall of one page, None where there is nothing to divide by."""
    wanted, got = _runs(true), _runs(found)
    common = (wanted & got).total()
    return (common / got.total() if got else None), (common / wanted.total() if wanted else None)


def _scores(truth: Bodies, found: Bodies) -> tuple[float, float, float]:
    shares = [_shares(truth[page], found[page]) for page in truth]
    precision = mean(each for each, _ in shares if each is not None)
    recall = mean(each for _, each in shares if each is not None)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _name_worst(truth: Bodies, found: Bodies, number: int) -> None:
    pages = sorted(truth, key=lambda page: sum(each or 0 for each in _shares(truth[page], found[page])))
    for page in pages[:number]:
        precision, recall = _shares(truth[page], found[page])
        print(f"    {page}: precision {precision or 0:.2f}, recall {recall or 0:.2f}")


if __name__ == "__main__":
    main()
