"""Whether any regular expression of the code takes more than linear time for text that is made for it.

    python -m dev.regexes [MODULE …]     (part of `make lint`)

Each expression is run, the way the code runs it, on texts that repeat a part of what it matches. Other checkers read the
expression alone. They know neither that it is matched at one position only, nor what Python's engine optimises, and so
mostly report expressions that are linear here.
"""

import ast
import importlib
import pkgutil
import re
import signal
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from time import process_time
from types import FrameType, ModuleType
from typing import Any, NamedTuple

import searchsvc

METHODS = ("match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
CHARACTERS = 4_096  # of the first text that is tried
MIN_SECONDS = 0.008  # in which every linear expression has read them
LONGER, MAX_GROWTH = 8, 24  # times as long a text, and times as much time for it: 8 is linear, 64 quadratic
MAX_SECONDS = 0.25  # of one call, which is then ended
BOUNDED = {
    "searchsvc.corpus.metadata.dates": 1_000,
    "searchsvc.corpus.metadata.month_names": 100,
    "searchsvc.corpus.metadata.persian_calendar": 100,
    "searchsvc.corpus.metadata.written_dates": 100,
    "searchsvc.corpus.metadata.datelines": 2_000,
    "searchsvc.query.lexer": 1_000,
    "searchsvc.query.parser": 1_000,
}
"""The characters of the longest text that the code of a module gives to its expressions."""
_NOT_IMPORTED = ("__main__", "gunicorn_conf")  # modules that do something when they are imported
_COMMON = "x1 \n!é"


class Text(NamedTuple):
    """A text that is made for an expression: a beginning, a part that is repeated, and an end."""

    begin: str
    repeated: str
    end: str

    def of_length(self, characters: int) -> str:
        return self.begin + self.repeated * (characters // len(self.repeated)) + self.end


class Use(NamedTuple):
    """A use of an expression: its module and line, the method that is called, and the expression."""

    module: str
    line: int
    method: str
    pattern: re.Pattern[Any]


def main() -> None:
    """Print the expressions that take too long. Exit with 1 if there are any."""
    names = sys.argv[1:] or [each.name for each in pkgutil.walk_packages(searchsvc.__path__, "searchsvc.")]
    modules = (importlib.import_module(name) for name in names if not name.endswith(_NOT_IMPORTED))
    uses = {(use.pattern, use.method): use for module in modules for use in uses_of(module)}.values()
    slow = [(use, text) for use in uses if (text := slow_text(use)) is not None]
    for use, text in slow:
        print(f"{use.module}:{use.line}: {use.method} of {use.pattern.pattern!r} takes too long for {text}")
    print(f"{len(uses)} uses of regular expressions, of which {len(slow)} take more than linear time")
    sys.exit(bool(slow))


def uses_of(module: ModuleType) -> Iterator[Use]:
    """Yield the uses of the expressions in a module: those that have a name there, and calls such as `re.sub`."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in METHODS:
                pattern = vars(module).get(name)
                if pattern is re:
                    pattern = _compiled(call, module)
                if isinstance(pattern, re.Pattern):
                    yield Use(module.__name__, call.lineno, method, pattern)


def _compiled(call: ast.Call, module: ModuleType) -> re.Pattern[Any] | None:
    """Return the expression of a call such as `re.sub`, or None if it is made of local variables."""
    source, flags = call.args[0], [each.value for each in call.keywords if each.arg == "flags"]
    try:
        values = [eval(compile(ast.Expression(node), "", "eval"), vars(module)) for node in (source, *flags)]
    except NameError:
        return None
    return re.compile(*values)


def slow_text(use: Use) -> Text | None:
    """Return a text for which an expression takes more than linear time, or None if none was found."""
    most = BOUNDED.get(use.module, LONGER * CHARACTERS)
    for text in _texts(use.pattern):
        short, long = text.of_length(min(CHARACTERS, most)), text.of_length(most)
        # A busy machine makes some calls slow, but not all.
        if all(_seconds(use, short) > MIN_SECONDS for _ in range(3)):
            seconds = min(_seconds(use, short) for _ in range(3))
            is_slow = seconds > MAX_SECONDS or use.module in BOUNDED
            if is_slow or all(_seconds(use, long) > min(MAX_SECONDS, MAX_GROWTH * seconds) for _ in range(3)):
                return text
    return None


def _texts(pattern: re.Pattern[Any]) -> Iterator[Text]:
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    letters = list(dict.fromkeys(_COMMON + re.sub(r"\\.|[a-z]{2,}", "", source)))
    words = list(dict.fromkeys(re.findall("[A-Za-z]{2,}", re.sub(r"\\.", " ", source))))
    pairs = ["".join(pair) for pair in product(letters[:8], repeat=2)]
    for repeated in (*letters[:24], *pairs, *(f"{word} " for word in words[:12])):
        yield Text("", repeated, "!")
        yield Text("x", repeated, "\n")
    for begin, repeated in product((*letters[:8], *words[:12]), letters[:8]):
        yield Text(begin, repeated, "!")


def _seconds(use: Use, text: str) -> float:
    """Return the processor time of a call, or a large number if it had to be ended."""
    subject = text.encode() if isinstance(use.pattern.pattern, bytes) else text
    arguments = (subject[:0], subject) if use.method.startswith("sub") else (subject,)
    signal.signal(signal.SIGVTALRM, _give_up)
    begun = process_time()
    try:
        _call(use, arguments)
    except TimeoutError:
        return float(10 * MAX_SECONDS)
    return process_time() - begun


def _call(use: Use, arguments: tuple[Any, ...]) -> None:
    """Call an expression. Raise TimeoutError if it had to be ended, which may happen when it has just returned."""
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)
    try:
        found = getattr(use.pattern, use.method)(*arguments)
        if use.method == "finditer":
            list(found)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
