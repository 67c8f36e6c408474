"""What makes one hit better than another, the same for every engine.

BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) over title and body as one text, plus boosts. The
weights are measured by bench/relevance.py; docs/benchmarks.md says how they were chosen.
"""

K1, B = 1.2, 0.75
"""BM25's saturation and length normalization, as Lucene and Tantivy have them."""
TITLE_WEIGHT = 0.3
"""What a word in the title adds, as a part of its own score there, to the score of title and body together."""
EXACT_WEIGHT = 0.1
"""What a word adds that stands in the body as it was typed, not in another form of its stem."""
PROXIMITY_WEIGHT = 0.1
"""What two words of the query add that follow each other there and stand near each other in the article."""
PROXIMITY_SLOP = 8
"""How far apart they may stand, in steps as of a sloppy phrase."""
RESCORE_WINDOW = 50
"""Hits whose order is decided by nearness and exact forms: for more of them, that would take too long."""
MAX_PAIRS = 32
"""Pairs of neighbours, and words as typed, that are looked at."""
MAX_RANK = 100_000
"""Hits by relevance beyond which no page goes on: each page has to rank all that come before it."""
