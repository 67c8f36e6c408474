"""The weights of ranking that engines share.

The score is BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009), plus boosts. Whoosh and OpenSearch
score title and body as one text, Tantivy each form of a word in title and in body, with weights of its own.
bench/relevance.py measures the weights, and docs/benchmarks.md says how they were chosen.
"""

K1, B = 1.2, 0.75  # saturation and length normalization of BM25, as in Lucene and Tantivy
TITLE_WEIGHT = 0.3  # weight of a word's score in the title, added to its score in title and body as one text
EXACT_WEIGHT = 0.1  # weight of a word that occurs in the body as typed, not in another form of its stem
PROXIMITY_WEIGHT = 0.05  # weight of two adjacent words of the query that occur as typed near each other
PROXIMITY_SLOP = 8  # largest distance of two words near each other, in steps of a sloppy phrase
RESCORE_WINDOW = 50  # Number of best hits that are rescored by proximity and exact forms. More would take too long.
MAX_PAIRS = 32  # pairs of adjacent words, and words as typed, that rescoring considers
MAX_RANK = 100_000  # depth of paging by relevance: each page ranks all hits before it
