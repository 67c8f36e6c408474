"""Where settings come from: options, the environment and the settings file, in this order."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from searchsvc.config.alerts import parse_alerts
from searchsvc.config.parsers import line
from searchsvc.config.settings import SETTINGS, Labels, Setting, Settings
from searchsvc.errors import UserError
from searchsvc.model.article import FIELDS, FieldMapping

PREFIX = "SEARCHSVC_"
FILE = "searchsvc.toml"
"""The settings file, unless `SEARCHSVC_CONFIG` or `--config` names another."""
PLATFORM = {"port": "PORT", "workers": "WEB_CONCURRENCY"}
"""The variables in which hosting platforms tell a service its port and the number of its workers."""
_OTHER_VARIABLES = frozenset(f"{PREFIX}{name}" for name in ("CONFIG", "OPEN", "DATA", "TEST_OPENSEARCH_URL"))
"""Variables with our prefix that are no settings: of the commands, of the benchmarks and of the tests."""
_KUBERNETES = re.compile(
    r"SEARCHSVC(?:_[A-Z0-9]+)*_(?:"
    r"SERVICE_HOST=[0-9a-fA-F.:]+|SERVICE_PORT(?:_[A-Z0-9_]+)?=\d+|PORT(?:_\d+_(?:TCP|UDP|SCTP))?=(?:tcp|udp|sctp)://\S+|"
    r"PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO=(?:tcp|udp|sctp)|PORT=\d+|ADDR=[0-9a-fA-F.:]+))"
)
"""Variables that Kubernetes makes for a service called searchsvc or searchsvc-…, each as NAME=value."""


def settings_of(environ: Mapping[str, str], *, serving: bool = False) -> Settings:
    """Return the settings of an environment and of the file that it names. Raise UserError if one is invalid."""
    return load_settings(environ, settings_file(environ), serving=serving)


def settings_file(environ: Mapping[str, str], option: str | None = None) -> Path:
    """Return the file that `--config` or SEARCHSVC_CONFIG names, else searchsvc.toml, which need not exist.

    Raise UserError if a file is named and does not exist.
    """
    variable = f"{PREFIX}CONFIG"
    named, where = (option, "--config") if option is not None else (environ.get(variable), variable)
    if named is not None and not (named and Path(named).exists()):
        raise UserError(f"{where} names the settings file “{named}”, which does not exist", param="config")
    return Path(FILE if named is None else named)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give another process the same settings, except for the tables of the file.

    A setting without a value has no variable.
    """
    values = {setting.name: _text(getattr(settings, setting.name)) for setting in SETTINGS}
    return {f"{PREFIX}{name.upper()}": text for name, text in values.items() if text}


def load_settings(
    environ: Mapping[str, str], file: Path, given: Mapping[str, Any] | None = None, *, serving: bool = False
) -> Settings:
    """Return the settings from a file, which need not exist, an environment and the command line's options.

    Options that are None count as not given. If `serving`, also read the variables of hosting platforms. They win over the
    file, which may be a copy from another machine, and our own variables win over them, because they mean nobody else.
    Raise UserError, naming the setting, for an invalid value or an unknown name.
    """
    loaded = _load(file)
    mapping = _parse_mapping(loaded.pop("mapping", {}), file)
    labels = _parse_labels(loaded.pop("labels", {}), file)
    alerts = parse_alerts(loaded.pop("alert", []), file)
    found = _file_texts(loaded, file)
    found |= {name: (environ[own], own) for name, own in PLATFORM.items() if serving and own in environ}
    found |= _environment_texts(environ)
    options = {name: str(value) for name, value in (given or {}).items() if value is not None}
    found |= {each.name: (options[each.name], each.option) for each in SETTINGS if each.name in options}
    values = {each.name: _parse(each, *found[each.name]) for each in SETTINGS if each.name in found}
    return Settings(**values, mapping=mapping, labels=labels, alerts=alerts)


def _parse(setting: Setting, text: str, where: str) -> Any:
    try:
        return setting.parse(text)
    except ValueError as error:
        shown = "" if setting.secret else f" is “{text}”; it"
        otherwise = "" if text.strip() else ", or be left out"
        reason = None if setting.secret else error
        raise UserError(f"{where}{shown} must be {error}{otherwise}", param=setting.name) from reason


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"cannot read {file}: {error}") from error


def _file_texts(loaded: Mapping[str, Any], file: Path) -> dict[str, tuple[str, str]]:
    """Return the text of each setting in the file, and where it was found."""
    settings = {setting.name: setting for setting in SETTINGS}
    for name in loaded:
        if name not in settings:
            tables = ("mapping", "labels", "alert")
            raise _unknown(name, _nearest(name, [*settings, *tables]), f"“{{}}” in {file}", "“{}”")
    return {name: (_file_text(settings[name], value, file), f"{name} in {file}") for name, value in loaded.items()}


def _file_text(setting: Setting, value: Any, file: Path) -> str:
    """Return the text of a value in the file. Raise UserError if it has another type than the setting."""
    match setting.default, value:
        case _, str():
            return value
        case int(), int() if not isinstance(value, bool):
            return str(value)
        case tuple(), list() if all(isinstance(item, str) for item in value):
            return _text(value)
        case int(), _:
            expected = "a number"
        case tuple(), _:
            expected = "a list of texts in quotation marks"
        case _:
            expected = "a text in quotation marks"
    raise UserError(f"{setting.name} in {file} must be {expected}", param=setting.name)


def _environment_texts(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the text of each setting in the environment, and the variable that has it."""
    own = {name: value for name, value in environ.items() if name.upper().startswith(PREFIX)}
    # Also SEARCHSVC_PORT can be of Kubernetes, and is no setting then.
    given = {name: value for name, value in own.items() if not _KUBERNETES.fullmatch(f"{name}={value}")}
    variables = {PREFIX + setting.name.upper(): setting.name for setting in SETTINGS}
    for name in sorted(given.keys() - variables.keys() - _OTHER_VARIABLES):
        near = _nearest(name[len(PREFIX) :].lower(), [*variables.values(), "config"])
        raise _unknown(name, near and f"{PREFIX}{near.upper()}", "{}", "{}")
    return {setting: (given[name], name) for name, setting in variables.items() if name in given}


def _nearest(name: str, names: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name, names, 1)), None)


def _unknown(name: str, hint: str | None, shown: str, shown_hint: str) -> UserError:
    names = ", ".join(setting.name for setting in SETTINGS)
    advice = f"did you mean {shown_hint.format(hint)}?" if hint else f"the settings are {names}"
    return UserError(f"unknown setting {shown.format(name)}; {advice}", param=name, hint=hint)


def _text(value: Any) -> str:
    """Return a value as its parser reads it. Return "" for None."""
    return "" if value is None else ", ".join(value) if isinstance(value, list | tuple) else str(value)


def _parse_mapping(table: Any, file: Path) -> FieldMapping:
    """Return pairs of a name in records and the field that it stands for."""
    if not isinstance(table, dict):
        raise UserError(f'mapping in {file} must be a table: a line [mapping], then lines such as title = "Headline"')
    pairs = []
    for own, names in table.items():
        if own not in FIELDS:
            fields = f"the fields are {', '.join(FIELDS)}"
            raise UserError(f"[mapping] in {file}: no field “{own}”; {fields}", param=own, hint=_nearest(own, FIELDS))
        for name in names if isinstance(names, list) else [names]:
            if not isinstance(name, str) or not name:
                raise UserError(f"{own} in [mapping] of {file} must be a name or a list of names", param=own)
            pairs.append((name, own))
    return tuple(pairs)


def _parse_labels(table: Any, file: Path) -> Labels:
    """Return pairs of a field and the label that pages show for it."""
    if not isinstance(table, dict):
        raise UserError(f'labels in {file} must be a table: a line [labels], then lines such as has_topics = "Topics"')
    return tuple((field, _parse_label(field, text, file)) for field, text in table.items())


def _parse_label(field: str, text: Any, file: Path) -> str:
    where = f"{field} in [labels] of {file}"
    if not isinstance(text, str) or not text.strip():
        raise UserError(f"{where} must be a text in quotation marks", param=field)
    try:
        return line(text)
    except ValueError as error:
        raise UserError(f"{where} must be {error}", param=field) from error
