"""`python -m dev.prose`: which docstrings are counted, which words are verbs, and when it fails."""

import re
from pathlib import Path

import pytest

from dev import prose
from dev.prose import QUESTIONS, VERBS, Docstring, docstrings

VERB, OTHER, QUESTION = "Return it.", "The thing.", "What it is."


def folder_of(tmp_path: Path, source: str, name: str = "module.py") -> Path:
    file = tmp_path / "package" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")
    return tmp_path / "package"


def functions(*texts: str) -> str:
    """Return the source of functions with these docstrings."""
    return "\n".join(f'def f{number}():\n    """{text}"""\n' for number, text in enumerate(texts))


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["prose", *arguments])
    with pytest.raises(SystemExit) as ended:
        prose.main()
    return int(ended.value.code or 0)


SOURCES = {
    "nothing": ("", []),
    "a function": ('def f():\n    """Return it."""', ["package/module.py:1 f"]),
    "a coroutine": ('async def f():\n    """Return it."""', ["package/module.py:1 f"]),
    "a method": ('class A:\n    def f(self):\n        """Return it."""', ["package/module.py:2 f"]),
    "a property": ('class A:\n    @property\n    def f(self):\n        """Return it."""', ["package/module.py:3 f"]),
    "a function in a function": ('def f():\n    def g():\n        """Return it."""', ["package/module.py:2 g"]),
    "no docstring": ("def f():\n    return 1", []),
    "an empty docstring": ('def f():\n    """"""', []),
    "a docstring that is computed": ("def f():\n    f'x'", []),
    "docstrings of modules and classes": ('"""Module."""\nclass A:\n    """A class."""', []),
    "other alphabets": ('def f():\n    """तेल."""', ["package/module.py:1 f"]),
}


@pytest.mark.parametrize(("source", "places"), SOURCES.values(), ids=SOURCES)
def test_only_docstrings_of_functions_are_counted(tmp_path: Path, source: str, places: list[str]) -> None:
    assert [each.place for each in docstrings(folder_of(tmp_path, source))] == places


def test_files_are_read_in_order_at_any_depth_and_others_are_not(tmp_path: Path) -> None:
    for name in ("b.py", "a/c.py", "notes.txt"):
        folder = folder_of(tmp_path, functions(VERB), name)
    assert [each.place.partition(":")[0] for each in docstrings(folder)] == ["package/a/c.py", "package/b.py"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Return it.", "return"),
        ("RETURN it.", "return"),
        ("Return", "return"),
        ("Return: it", "return"),
        ("“Return” it", "return"),
        ("`Return` it", "return"),
        ("Return\nit", "return"),
        ("", ""),
        ("...", ""),
        ("Return-it", "return-it"),
    ],
)
def test_the_first_word_is_taken_without_punctuation(text: str, word: str) -> None:
    assert Docstring("a.py:1 f", text).first_word == word


@pytest.mark.parametrize("word", ["return", "yield", "raise", "parse", "index", "highlight", "reindex"])
def test_verbs(word: str) -> None:
    assert (word in VERBS) == (word != "reindex")


def test_question_words_are_no_verbs() -> None:
    assert {"what", "who", "where", "which", "whether"} == QUESTIONS
    assert QUESTIONS.isdisjoint(VERBS)
    assert all(re.fullmatch("[a-z]+", word) for word in VERBS)


@pytest.mark.parametrize(
    ("texts", "status", "line"),
    [
        ([VERB], 0, "1 docstrings of functions: 100% begin with a verb, 0.0% with a question word"),
        ([VERB, OTHER], 0, "2 docstrings of functions: 50% begin with a verb, 0.0% with a question word"),
        ([VERB, OTHER, OTHER], 1, "3 docstrings of functions: 33% begin with a verb, 0.0% with a question word"),
        ([OTHER], 1, "1 docstrings of functions: 0% begin with a verb, 0.0% with a question word"),
        ([VERB, QUESTION], 1, "2 docstrings of functions: 50% begin with a verb, 50.0% with a question word"),
        ([*[VERB] * 49, QUESTION], 0, "50 docstrings of functions: 98% begin with a verb, 2.0% with a question word"),
        ([*[VERB] * 48, QUESTION], 1, "49 docstrings of functions: 98% begin with a verb, 2.0% with a question word"),
    ],
)
def test_it_fails_beyond_its_limits(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    texts: list[str],
    status: int,
    line: str,
) -> None:
    assert run(monkeypatch, str(folder_of(tmp_path, functions(*texts)))) == status
    assert capsys.readouterr().out == f"{line}\n"


def test_the_list_has_the_first_lines_that_do_not_begin_with_a_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = functions(VERB, f"{OTHER}\n\n    More.", QUESTION)
    assert run(monkeypatch, "--list", str(folder_of(tmp_path, source))) == 1
    assert capsys.readouterr().out.splitlines()[:-1] == [
        "package/module.py:4 f1: The thing.",
        "package/module.py:9 f2: What it is.",
    ]
