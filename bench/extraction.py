"""How well pages are read: F1 of the body and accuracy of the day, and pages a second, beside others.

    python -m bench.extraction [--worst N]     (or `make bench-extraction`)

Then how well datelines are read, on Reuters' own.

Bodies are compared by their runs of four words, as the public article-extraction benchmark does; days by being the same.
"""

import argparse
import gzip
import json
import logging
import lzma
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from time import perf_counter

from bs4 import BeautifulSoup
from htmldate import find_date
from trafilatura import extract

from bench.real import DATA
from searchsvc.corpus import read_file
from searchsvc.corpus.metadata import parse_dateline
from searchsvc.model.article import Article

Bodies = Mapping[str, str]


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--worst", type=int, default=0, metavar="N", help="also name the pages whose body is read worst")
    worst = options.parse_args().worst
    if not (DATA / "html").is_dir():
        sys.exit(f"{DATA / 'html'} is missing: set SEARCHSVC_DATA to the folder of the real articles")
    logging.disable(logging.CRITICAL)  # what others say of broken pages
    _bench_bodies(worst)
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
    print("| body | precision | recall | F1 | pages a second |\n|---|---|---|---|---|")
    for name, read in readers.items():
        begun = perf_counter()
        found = {page: read(DATA / "html" / "body" / f"{page}.html.gz") for page in truth}
        rate = len(truth) / (perf_counter() - begun)
        precision, recall, f1 = _scores(truth, found)
        print(f"| {name} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {rate:.0f} |", flush=True)
        if worst and name == "searchsvc":
            _name_worst(truth, found, worst)


def _bench_dates() -> None:
    truth: dict[str, dict[str, str]] = json.loads((DATA / "html" / "dates-truth.json").read_text())
    readers: dict[str, Callable[[Path], str]] = {
        "searchsvc": lambda file: str(_article(file).date or ""),
        "htmldate": lambda file: find_date(_html(file), original_date=True) or "",
    }
    print("\n| day | right | pages a second |\n|---|---|---|")
    for name, read in readers.items():
        begun = perf_counter()
        right = sum(read(DATA / "html" / "dates" / page) == day["date"] for page, day in truth.items())
        print(f"| {name} | {right / len(truth):.3f} | {len(truth) / (perf_counter() - begun):.0f} |", flush=True)


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
