"""Questions in thirty languages, typed into the box of one archive that has all of them: how many find their article.

    python -m bench.languages [--work FOLDER] [LANGUAGE ...]     (or `make bench-languages`)

The texts are those of Debian's packages `gnome-user-docs`, whose pages are translated into many languages, `manpages-ja`
and `manpages-zh`. The articles are the pages without their titles and summaries, which are the questions. In Arabic, Hindi
and Thai, the articles are a hundred paragraphs each, written for this test with a question that uses other words.
"""

import argparse
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import NamedTuple

from lxml import etree

from searchsvc.api.parameters import parse_question
from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService

PACKAGES = ("gnome-user-docs", "manpages-ja", "manpages-zh")
MANUALS = {"ja": "ja", "zh_CN": "zh"}
WRITTEN = Path(__file__).parent / "collections"
MAX_MANUALS = 400  # of each language
LEAST = 40  # questions of a language that are worth a row
SUCCESS = 10  # hits among which the article has to be
_MALLARD = "{http://projectmallard.org/1.0/}"
_HAN_OR_KANA = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
_ROFF = re.compile(r"\\f.|\\[&|]|^\.[A-Za-z]{1,2} ?", re.MULTILINE)


class Page(NamedTuple):
    """A page of a manual, with the texts that ask for it."""

    id: str
    language: str
    questions: tuple[str, ...]
    text: str


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("languages", nargs="*", metavar="LANGUAGE", help="ask only in these, such as ar (default: all)")
    given = options.parse_args()
    work: Path = given.work / "languages"
    shared = _packages(work / "packages") / "usr" / "share"
    found = (*_help_pages(shared / "help"), *_manuals(shared / "man"), *_written())
    pages = [page for page in found if page.text]
    searcher = _indexed(pages, work)
    _print_detection(searcher, pages)
    print("\n| language | questions | first | within ten | CPU |\n|---|---|---|---|---|")
    by_language: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for page in pages:
        by_language[page.language] += [(page.id, question) for question in page.questions]
    for language, questions in sorted(by_language.items()):
        if len(questions) >= LEAST and (not given.languages or language in given.languages):
            _print_row(searcher, language, questions)


def _packages(folder: Path) -> Path:
    """Unpack the packages into a folder, unless they are there, and return it."""
    if shutil.which("apt-get") is None:
        sys.exit("the texts are packages of Debian, which need apt-get")
    for package in PACKAGES:
        done = folder / f"{package}.done"
        if not done.exists():
            folder.mkdir(parents=True, exist_ok=True)
            subprocess.run(["apt-get", "download", package], cwd=folder, check=True, stderr=subprocess.DEVNULL)
            (file,) = folder.glob(f"{package}_*.deb")
            subprocess.run(["dpkg-deb", "-x", file, folder], check=True)
            done.touch()
    return folder


def _help_pages(folder: Path) -> Iterator[Page]:
    """Yield the pages of the help of GNOME. Those that are not translated are left out."""
    english = {file.name: _help_page(file, "en") for file in (folder / "C" / "gnome-help").glob("*.page")}
    yield from english.values()
    for file in sorted(folder.glob("*/gnome-help/*.page")):
        language, original = file.parts[-3], english.get(file.name)
        if language == "C" or "@" in language or language == "pt_BR" or original is None:
            continue
        page = _help_page(file, language[:2])
        paragraphs = page.text.split("\n\n")
        untranslated = sum(each in original.text for each in paragraphs) / len(paragraphs)
        if untranslated <= 0.2 and not set(page.questions) & set(original.questions):
            yield page


def _help_page(file: Path, language: str) -> Page:
    root = etree.parse(file).getroot()
    asked = (root.find(f"{_MALLARD}title"), root.find(f"{_MALLARD}info/{_MALLARD}desc"))
    questions = tuple(text for each in asked if each is not None and (text := _plain(each)))
    text = "\n\n".join(filter(None, map(_plain, root.iter(f"{_MALLARD}p"))))
    return Page(f"{language}-{file.stem}", language, questions, text)


def _plain(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _manuals(folder: Path) -> Iterator[Page]:
    """Yield pages of the manuals, which are asked for by their one-line descriptions."""
    for name, language in MANUALS.items():
        found: dict[str, Page] = {}
        for file in sorted(folder.glob(f"{name}/man[12578]/*.gz")):
            page = _manual(file, language)
            if page is not None and len(found) < MAX_MANUALS:
                found.setdefault(page.questions[0], page)
        yield from found.values()


def _manual(file: Path, language: str) -> Page | None:
    with gzip.open(file) as stream:
        text = stream.read().decode(errors="replace")
    lines = (line for line in text.splitlines() if not line.startswith(('.\\"', "'")))
    _, *sections = re.split(r"^\.SH.*\n", "\n".join(lines), flags=re.MULTILINE) or [""]
    name, *others = (_ROFF.sub("", section).replace(r"\-", "-") for section in sections) if sections else ("",)
    question, body = name.partition(" - ")[2].replace("\n", " ").strip(), " ".join(others)
    if len(_HAN_OR_KANA.findall(question)) < 5 or len(_HAN_OR_KANA.findall(body)) < 100:
        return None
    return Page(f"{language}-{file.stem}", language, (question,), body)


def _written() -> Iterator[Page]:
    """Yield the paragraphs that were written for this test."""
    for file in sorted(WRITTEN.glob("*.jsonl")):
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            yield Page(row["id"], file.stem, (row["question"],), row["text"])


def _indexed(pages: list[Page], work: Path) -> Searcher:
    settings = Settings(corpus=work / "corpus", index=work / "index")
    shutil.rmtree(settings.index, ignore_errors=True)
    settings.corpus.mkdir(parents=True, exist_ok=True)
    rows = (json.dumps({"id": page.id, "text": page.text}) + "\n" for page in pages)
    (settings.corpus / "pages.jsonl").write_text("".join(rows))
    reindex(settings)
    return SearchService(settings).acquire()


def _print_detection(searcher: Searcher, pages: list[Page]) -> None:
    """Print how often the language of a page is told right, and which are taken for which."""
    told = {article.id: article.language for article in searcher.engine.scan(SearchRequest())}
    wrong = Counter((page.language, told[page.id] or "none") for page in pages if told[page.id] != page.language)
    print(f"{len(pages):,} pages in {len({page.language for page in pages})} languages; searched by the rules of")
    print(f"{', '.join(searcher.info.languages)}")
    print(f"language told right: {1 - wrong.total() / len(pages):.4f}", end="; " if wrong else "\n")
    print(", ".join(f"{of} taken for {other}: {number}" for (of, other), number in wrong.most_common(5)))


def _print_row(searcher: Searcher, language: str, questions: list[tuple[str, str]]) -> None:
    begun, first, within = process_time(), 0, 0
    for article_id, question in questions:
        answer = searcher.search(parse_question([("q", question[:MAX_QUERY])], searcher))
        found = [hit.article.id for hit in (*answer.results.hits, *answer.partial)][:SUCCESS]
        first += found[:1] == [article_id]
        within += article_id in found
    number, milliseconds = len(questions), (process_time() - begun) * 1000 / len(questions)
    print(f"| {language} | {number} | {first / number:.3f} | {within / number:.3f} | {milliseconds:.1f} ms |", flush=True)


if __name__ == "__main__":
    main()
