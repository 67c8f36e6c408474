"""The catalogues of translations: `make messages` brings them up to date with the sources, and says what they lack.

    python -m dev.messages                       update every catalogue, and count what is untranslated
    python -m dev.messages --missing             print what is untranslated, as JSON: {English: {language: translation}}
    python -m dev.messages --fill FILE           add the translations in such a file; those with plurals are lists of forms

The order of plural forms is that of gettext (`Plural-Forms` at the head of each catalogue).
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from searchsvc import __version__
from searchsvc.model.languages import PAGE_LANGUAGES
from searchsvc.web.catalogues import FOLDER

SOURCES = Path(__file__).parents[1] / "searchsvc"
KEYWORDS: Mapping[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "Message": None,
    "plural_message": (1, 2),
}
TRANSLATED = PAGE_LANGUAGES[1:]
_METHODS = [("web/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"web/templates/**.html": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}
_WIDTH = 120


def template() -> Catalog:
    """Return the messages of the sources, with the files that they are in."""
    catalog = Catalog(project="searchsvc", version=__version__, charset="utf-8")
    found = extract_from_dir(SOURCES, _METHODS, _OPTIONS, KEYWORDS, comment_tags=())
    for name, _line, message, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
        catalog.add(message, locations=[(f"searchsvc/{name}", 0)], auto_comments=comments, context=context)
    return catalog


def read(code: str) -> Catalog:
    """Return the catalogue of a language."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        header = "# Translations of searchsvc."
        address = "https://github.com/searchsvc/searchsvc/issues"
        return Catalog(
            locale=code,
            header_comment=header,
            project="searchsvc",
            msgid_bugs_address=address,
            last_translator=address,
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=code)


def write(code: str, catalog: Catalog) -> None:
    """Write the catalogue of a language, sorted so that changes are easy to read."""
    with (FOLDER / f"{code}.po").open("wb") as file:
        write_po(file, catalog, width=_WIDTH, sort_output=True, ignore_obsolete=True, include_lineno=False)


def untranslated(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages that a catalogue lacks."""
    for message in catalog:
        forms, expected = forms_of(message), catalog.num_plurals if message.pluralizable else 1
        if message.id and (message.fuzzy or len(forms) != expected or not all(forms)):
            yield message


def main() -> None:
    """Update the catalogues."""
    parser = argparse.ArgumentParser(prog="python -m dev.messages")
    parser.add_argument("--missing", action="store_true", help="print what is untranslated as JSON")
    parser.add_argument("--fill", type=Path, help="add the translations of a JSON file")
    chosen = parser.parse_args()
    translations = json.loads(chosen.fill.read_text(encoding="utf-8")) if chosen.fill else {}
    missing: dict[str, dict[str, str | list[str]]] = {}
    FOLDER.mkdir(exist_ok=True)
    for code in TRANSLATED:
        catalog = _updated(code, translations)
        write(code, catalog)
        for message in untranslated(catalog):
            forms = [""] * catalog.num_plurals
            missing.setdefault(english_of(message), {})[code] = forms if message.pluralizable else ""
    if chosen.missing:
        print(json.dumps(missing, ensure_ascii=False, indent=1))
    else:
        counts = ", ".join(f"{code}: {sum(code in each for each in missing.values())}" for code in TRANSLATED)
        print(f"untranslated: {counts}", file=sys.stderr)


def _updated(code: str, translations: Mapping[str, Mapping[str, str | list[str]]]) -> Catalog:
    """Return the catalogue of a language with the messages of the sources, and with further translations."""
    catalog = read(code)
    catalog.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    for message in catalog:
        if found := translations.get(english_of(message), {}).get(code):
            message.string = tuple(found) if message.pluralizable else found
    return catalog


def english_of(message: Message) -> str:
    """Return the English text of a message, that for many of one with plural forms, after its context if it has one."""
    text = message.id if isinstance(message.id, str) else message.id[-1]
    return f"{message.context}: {text}" if message.context else text


def forms_of(message: Message) -> tuple[str, ...]:
    """Return the translations of a message, one for each of its plural forms. They are "" if it is not translated."""
    return tuple(each or "" for each in ((message.string,) if isinstance(message.string, str) else message.string or ("",)))


if __name__ == "__main__":
    main()
