"""How fast documents are read: pages of PDF a minute, through the reader pool and beside plain PDFium and pypdf.

    python -m bench.documents [--pages 10000]     (or `make bench-documents`)

The documents are generated: pages of 30 lines with 2,500 characters, in ten files, for two processes.
"""

import argparse
import random
import timeit
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from pypdf import PdfReader
from pypdfium2 import PdfDocument

from searchsvc.corpus import ReaderPool, walk
from searchsvc.corpus.formats.pdf import read_pdf
from searchsvc.model.article import Article
from tests.corpus.documents import Line, docx, epub, pdf, word_paragraph

FILES = 10
LINES_OF_PAGE = 30
RUNS = 3  # of which the fastest counts, since other work only slows down


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--pages", type=int, default=10_000)
    pages = options.parse_args().pages
    chance = random.Random(1)
    words = ["".join(chance.choices("aeionrstldch", k=chance.randint(2, 9))) for _ in range(5_000)]
    _bench_pdf(pages, lambda number: " ".join(chance.choices(words, k=number)))
    _bench_others([" ".join(chance.choices(words, k=80)) for _ in range(2_000)])


def _bench_pdf(pages: int, text_of: Callable[[int], str]) -> None:
    contents = [pdf([list(_page(text_of)) for _ in range(pages // FILES)]) for _ in range(FILES)]
    print("| PDF | pages a minute |\n|---|---|")
    for processes, name in ((2, "searchsvc, two processes"), (1, "searchsvc, one process")):
        print(f"| {name} | {60 * pages / _seconds_to_read(contents, '.pdf', processes):,.0f} |")
    print("\n| PDF, in process | processor seconds for 1,000 pages |\n|---|---|")
    readers = {
        "searchsvc": _read_by_searchsvc,
        "PDFium alone, without paragraphs": _read_by_pdfium,
        "pypdf": _read_by_pypdf,
    }
    for name, read in readers.items():
        seconds = _seconds(partial(read, contents[0]), process_time)
        print(f"| {name} | {1_000 * seconds / (pages // FILES):.1f} |")


def _bench_others(paragraphs: list[str]) -> None:
    documents = {
        ".docx": docx("".join(map(word_paragraph, paragraphs))),
        ".epub": epub({"a.xhtml": f"<html><body>{''.join(f'<p>{text}</p>' for text in paragraphs)}</body></html>"}),
    }
    print("\n| others | MB of text a second |\n|---|---|")
    size = sum(map(len, paragraphs)) / 1e6
    for suffix, content in documents.items():
        print(f"| {suffix}, one process | {FILES * size / _seconds_to_read([content] * FILES, suffix, 1):.1f} |")


def _page(text_of: Callable[[int], str]) -> Iterator[Line]:
    for number in range(LINES_OF_PAGE):
        text = text_of(13)
        yield text + ("-" if number % 5 == 1 else ""), 28 if number % 6 == 0 else 14, 0


def _seconds_to_read(contents: list[bytes], suffix: str, processes: int) -> float:
    with TemporaryDirectory() as name:
        for number, content in enumerate(contents):
            Path(name, f"{number}{suffix}").write_bytes(content)
        return _seconds(partial(_read, Path(name), len(contents), processes))


def _read(corpus: Path, files: int, processes: int) -> None:
    with ReaderPool(walk(corpus), (), processes) as readers:
        items = [item for batch in readers.batches() for item in batch.items]
    assert len(items) == files
    assert all(isinstance(item, Article) for item in items), items


def _read_by_searchsvc(content: bytes) -> None:
    list(read_pdf(BytesIO(content), lambda _: None))


def _read_by_pdfium(content: bytes) -> None:
    for page in PdfDocument(content):
        page.get_textpage().get_text_range()


def _read_by_pypdf(content: bytes) -> None:
    for page in PdfReader(BytesIO(content)).pages:
        page.extract_text()


def _seconds(work: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    return min(timeit.repeat(work, timer=clock, number=1, repeat=RUNS))


if __name__ == "__main__":
    main()
