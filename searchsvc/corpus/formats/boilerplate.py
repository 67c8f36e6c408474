"""Removal of boilerplate: paragraphs of a page that belong to the site and not to the article.

Main-text extraction leaves in invitations to subscribe or to follow, links to other articles, and reading times. Only short
paragraphs that consist of nothing else are removed.
"""

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

MAX_WORDS = 40  # longer paragraphs are always kept
_TITLE_SIMILARITY = 85  # of 100, from which on a paragraph repeats the title

_INVITATION = re.compile(
    r"""(?: (?:please\s+)?(?:subscribe|sign\s+up|follow\s+(?:us|me)|click\s+here|tap\s+here)\b
    | (?:get|download)\s+(?:the|our|a)\b.{0,60}\b(?:app|inbox|newsletters?|delivered|on\s+the\s+go)\b
    | (?:.{0,60}\s)?(?:follow|find|like)\s+\S+(?:\s\S+)?\s+on\s+(?:twitter|facebook|instagram|youtube)\b
    | .{0,80}\bdelivered\s+(?:straight\s+|right\s+)?(?:to|in|into|through)\s+your\s+(?:inbox|letterbox)\b
    | thanks\s+for\s+signing\s+up | keep\s+an\s+eye\s+on\s+your\s+inbox
    | (?:sorry!?$|there\s+was\s+an\s+error\s+processing) | have\s+a\s+(?:news\s+)?tip\?
    | if\s+you\s+enjoyed\s+this\s+article
    | if\s+you\s+buy\s+something\s+through | tell\s+us\s+what\s+you\s+think | this\s+story\s+has\s+been\s+shared
    | (?:you\s+are|you're)\s+now\s+subscribed | enter\s+your\s+e-?mail | see\s+our\s+privacy | by\s+signing\s+up
    | (?:additional\s+)?reporting\s+by\b | \w+\s+newsletter$ | copyright\s+(?:©|\(c\)|\d{4}) | ©
    ) """,
    re.VERBOSE | re.IGNORECASE,
)
_LINK = re.compile(
    r"""(?:related(?:\s+(?:stories|articles|posts|coverage))?|see\s+(?:more|also)|also(?:\s+(?:read|see))?|read\s+(?:more|also|next)
    |more(?:\s+from\b.{0,40})?|watch(?:\s+(?:now|more|this))?|recommended|don'?t\s+miss|filed\s+under|explore\s+further
    |leia\s+(?:mais|também)|lire\s+aussi|lesen\s+sie\s+auch|baca\s+juga|tempo\s+de\s+leitura|reading\s+time)
    \s*(?::.*|\.{3}|…|>>?.*)?$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LIST_OF_LINKS = re.compile(
    r"(?:you\s+may\s+(?:also\s+)?like|most\s+(?:read|popular|viewed)|related\s+(?:stories|articles|posts)|read\s+next|trending|don'?t\s+miss)\b",
    re.IGNORECASE,
)
_RULE_OR_URL = re.compile(r"(?:[\W_]+|https?://\S+)$")
_TITLE_LIKE = re.compile(r"[^.!?。]*(?:\[[A-Z]+\]\|?)?\??$")


def remove_boilerplate(paragraphs: list[str], title: str) -> Iterator[str]:
    """Yield the paragraphs of an article without boilerplate and without repetitions of the title at the start."""
    in_list = False
    for number, paragraph in enumerate(paragraphs):
        words = len(paragraph.split())
        # A list of links to other articles continues as long as its lines look like titles.
        continues = in_list and words < 20 and _TITLE_LIKE.match(paragraph)
        in_list = bool(continues or (words < 8 and _LIST_OF_LINKS.match(paragraph)))
        if not (in_list or _is_boilerplate(paragraph, words) or (number < 2 and _is_title(paragraph, title))):
            yield paragraph


def _is_boilerplate(paragraph: str, words: int) -> bool:
    if words <= MAX_WORDS and (_INVITATION.match(paragraph) or (words < 25 and _LINK.match(paragraph))):
        return True
    return _RULE_OR_URL.match(paragraph) is not None


def _is_title(paragraph: str, title: str) -> bool:
    is_as_short = len(paragraph) < 2 * len(title)  # comparing long texts takes long
    return is_as_short and fuzz.ratio(paragraph.casefold(), title.casefold()) >= _TITLE_SIMILARITY
