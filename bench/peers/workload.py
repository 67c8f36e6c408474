"""Queries of every kind, drawn from the archive itself, the same ones every time."""

import datetime as dt
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.peers import Ask, read

NUMBER = 100
"""Queries of each kind."""
_SEED = 8
_EVERY = 40
_DEEP_PAGE = 20


def workload(articles: Path, number: int = NUMBER) -> list[Ask]:
    """So many queries of each kind, kind after kind."""
    chance = random.Random(_SEED)
    drawn = [each for place, each in enumerate(read(articles)) if place % _EVERY == 0]
    drawn = [each for each in drawn if each.get("date") and len(_sentences(each)) > 3 and _words(each["title"])]
    return sorted((ask for _ in range(number) for ask in _asks(drawn, chance)), key=lambda ask: ask.kind)


def _asks(drawn: list[dict[str, Any]], chance: random.Random) -> Iterator[Ask]:
    """One query of each kind."""
    article = chance.choice(drawn)
    sentence = chance.choice(_sentences(article))
    words = _words(sentence)
    at = chance.randrange(len(words) - 1)
    day = dt.date.fromisoformat(article["date"])
    around = (str(day - dt.timedelta(180)), str(day + dt.timedelta(180)))
    yield Ask("one word", (chance.choice(words),))
    yield Ask("all of two words", (words[at], words[at + 1]))
    yield Ask("any of three words", tuple(chance.sample(words, 3)), "any")
    yield Ask("phrase", _pair(sentence) or (words[0],), "phrase")
    yield Ask("prefix", (chance.choice(words)[:4],), "prefix")
    yield Ask("fuzzy", (chance.choice([word for word in words if len(word) > 5] or words),), "fuzzy")
    yield Ask("in titles", (chance.choice(_words(article["title"])),), field="title")
    yield Ask("a year's span", (chance.choice(words),), days=around)
    yield Ask("filtered by a facet", (chance.choice(words),), filters={"topic": article["topic"]})
    yield Ask("newest first", (chance.choice(words),), newest=True)
    yield Ask("page 20", (chance.choice(words),), page=_DEEP_PAGE)
    yield Ask("nothing found", (chance.choice(words), f"{words[at]}q{chance.choice('xzjw')}v"))


def _sentences(article: dict[str, Any]) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", article["text"]) if len(_words(sentence)) >= 4]


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.findall(r"\b[A-Za-z]{4,}\b", text)]


def _pair(sentence: str) -> tuple[str, ...]:
    """Two words that stand beside each other."""
    pairs = re.findall(r"\b([A-Za-z]{4,}) ([A-Za-z]{4,})\b", sentence)
    return tuple(word.lower() for word in pairs[len(pairs) // 2]) if pairs else ()
