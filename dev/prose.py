"""Counts how the docstrings of functions begin: `python -m dev.prose` for the table, `--list` for those to rewrite.

A docstring should begin with a verb, as in "Return the articles …". A word counts as a verb if it is in `VERBS`, a list of
the verbs that the documentation of Python libraries uses.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
VERBS = frozenset(
    re.findall(
        r"\w+",
        """
    acquire add adjust allow answer append apply ask assert attach begin build bump cache call cancel check choose clean
    clear clone close collect combine commit compare compile complete compress compute connect convert copy count create
    cut decode decompress decorate delete deliver deny describe detect determine discard dispatch drop emit enable
    encode ensure escape estimate evaluate execute exempt exit expand export extract fill find finish fix flush fold
    follow fork forget format generate get give go group guess handle hash highlight hold identify ignore import index
    insert install invoke join keep kill leave let limit link list listen load locate lock log look lower make map mark
    match measure merge move multiply name normalize notify observe open order parse pass patch perform plan point poll
    pop prefer prepare prewarm print probe process produce prune publish put query raise rank read rebuild receive
    reclaim record refresh refuse register reject release remember remove rename render repeat replace report request
    require rescore reset resolve respond restore return reverse revert rewrite roll run sample save scan schedule score
    search select send separate serialize serve set show shut skip sleep sort split start state stem stop store stream
    strip submit suggest swap switch sync tag take terminate test tell time tokenize translate trim truncate try turn
    undo unpack update upload use validate verify wait walk warn watch withdraw wrap write yield
        """,
    )
)
QUESTIONS = frozenset({"what", "who", "where", "which", "whether"})
MIN_VERBS, MAX_QUESTIONS = 0.5, 0.02


class Docstring(NamedTuple):
    """The docstring of a function, with its place."""

    place: str
    text: str

    @property
    def first_word(self) -> str:
        """The first word in lower case."""
        return self.text.split(maxsplit=1)[0].strip("`\"'“”.,:;").lower() if self.text.split() else ""


def docstrings(folder: Path) -> Iterator[Docstring]:
    """Yield the docstring of each function, method and property below a folder."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node)
                if text:
                    yield Docstring(f"{file.relative_to(folder.parent)}:{node.lineno} {node.name}", text)


def main() -> None:
    """Print the shares, and exit with 1 if they are not as CONTRIBUTING demands."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "searchsvc")
    options.add_argument("--list", action="store_true", help="print the docstrings that do not begin with a verb")
    given = options.parse_args()
    found = list(docstrings(given.folder))
    verbs = [each for each in found if each.first_word in VERBS]
    questions = [each for each in found if each.first_word in QUESTIONS]
    if given.list:
        for each in found:
            if each.first_word not in VERBS:
                print(f"{each.place}: {each.text.splitlines()[0]}")
    share, asked = len(verbs) / len(found), len(questions) / len(found)
    print(f"{len(found)} docstrings of functions: {share:.0%} begin with a verb, {asked:.1%} with a question word")
    sys.exit(share < MIN_VERBS or asked > MAX_QUESTIONS)


if __name__ == "__main__":
    main()
