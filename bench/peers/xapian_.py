"""Xapian in process, with its query parser, match spies for the counts, and its own snippets."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import xapian

from bench.peers import FACETS, HITS, Answer, Ask, Peer, month, read

_SLOTS = {name: number for number, name in enumerate((*FACETS, "month", "date"))}
_PREFIXES = {"source": "XSOURCE:", "topic": "XTOPIC:", "bias": "XBIAS:"}
_SNIPPET_BYTES = 200


class Xapian(Peer):
    label = "Xapian in process"
    cannot = ("fuzzy",)

    def build(self, articles: Path) -> None:
        target = self.folder / "xapian"
        shutil.rmtree(target, ignore_errors=True)
        database = xapian.WritableDatabase(str(target), xapian.DB_CREATE_OR_OVERWRITE)
        terms = xapian.TermGenerator()
        terms.set_stemmer(xapian.Stem("en"))
        for each in read(articles):
            document = xapian.Document()
            terms.set_document(document)
            terms.index_text(each["title"], 1, "S")
            terms.index_text(each["title"])
            terms.increase_termpos()
            terms.index_text(each["text"])
            for name, slot in _SLOTS.items():
                value = month(each) if name == "month" else each.get(name) or ""
                document.add_value(slot, value)
                if name in _PREFIXES and value:
                    document.add_boolean_term((_PREFIXES[name] + value)[:240])
            document.set_data(orjson.dumps([each["id"], each["title"], each["text"]]))
            database.add_document(document)
        database.commit()
        database.close()

    def open(self) -> None:
        self._database = xapian.Database(str(self.folder / "xapian"))
        self._stem = xapian.Stem("en")
        self._parser = xapian.QueryParser()
        self._parser.set_stemmer(self._stem)
        self._parser.set_database(self._database)
        self._parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
        self._parser.add_prefix("title", "S")

    def ask(self, ask: Ask) -> Answer:
        spies = {name: xapian.ValueCountMatchSpy(_SLOTS[name]) for name in (*FACETS, "month")}
        enquire = xapian.Enquire(self._database)
        enquire.set_query(self._query(ask))
        for spy in spies.values():
            enquire.add_matchspy(spy)
        if ask.newest:
            enquire.set_sort_by_value(_SLOTS["date"], True)
        found = enquire.get_mset((ask.page - 1) * HITS, HITS, self._database.get_doccount())
        hits = []
        for match in found:
            name, _title, text = orjson.loads(match.document.get_data())
            hits.append((name, found.snippet(text, _SNIPPET_BYTES, self._stem).decode()))
        counts = {name: [(item.term, item.termfreq) for item in spy.top_values(50)] for name, spy in spies.items()}
        return Answer(found.get_matches_estimated(), hits, counts)

    def _query(self, ask: Ask) -> Any:
        parser, flags = self._parser, xapian.QueryParser.FLAG_DEFAULT | xapian.QueryParser.FLAG_WILDCARD
        parser.set_default_op(xapian.Query.OP_OR if ask.how == "any" else xapian.Query.OP_AND)
        written = " ".join((f"{ask.field}:" if ask.field else "") + word for word in ask.words)
        if ask.how == "phrase":
            written = f'"{written}"'
        query = parser.parse_query(written + ("*" if ask.how == "prefix" else ""), flags)
        for name, value in (ask.filters or {}).items():
            query = xapian.Query(xapian.Query.OP_FILTER, query, xapian.Query((_PREFIXES[name] + value)[:240]))
        if ask.days:
            query = xapian.Query(
                xapian.Query.OP_FILTER, query, xapian.Query(xapian.Query.OP_VALUE_RANGE, _SLOTS["date"], *ask.days)
            )
        return query

    def close(self) -> None:
        self._database.close()


PEER = Xapian
