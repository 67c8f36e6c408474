"""Loads the model that tells languages apart, once for all processes of the tests that read files."""

from searchsvc.corpus.metadata.languages import detect_language

detect_language("", "Vanhan kaupungin satama")  # which no frequent words tell
