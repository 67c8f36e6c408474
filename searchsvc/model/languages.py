"""Languages and scripts, for packages that do not import a tokenizer."""

LANGUAGES = (
    *("arabic", "danish", "dutch", "english", "finnish", "french", "german", "greek", "hungarian", "italian"),
    *("norwegian", "portuguese", "romanian", "russian", "spanish", "swedish", "tamil", "turkish", "none"),
)
"""Languages that have a stemmer. `none` leaves words unstemmed."""
UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff"  # radicals, iteration marks, kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"  # Han, half-width kana
    "\U00020000-\U0003fffd"  # Han, supplementary planes
)
"""Characters of scripts without spaces between words, as the inside of a regex class. Each one is a word of its own."""
UNSEEN = "\u00ad\u2060\ufeff"
"""Soft hyphen, word joiner and byte order mark, which readers neither see nor type, as the inside of a regex class."""
DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Characters without width that only set the direction of writing, as the inside of a regex class."""
MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u109f\u1780-\u17df"
"""Accents, points and vowel signs, which `\\w` does not match, with letters of their scripts, as the inside of a class."""
