"""Settings: their parsers, their sources, and errors that name the setting, the place and what is allowed."""

import os
from pathlib import Path
from typing import Any

import pytest

from searchsvc.config import SETTINGS, Settings, environment, load_settings, settings_file, settings_of
from searchsvc.errors import UserError


def loaded(environ: dict[str, str] | None = None, toml: str = "", file: Path = Path("none.toml"), **given: Any) -> Settings:
    """Return the settings of an environment, the content of a settings file, and options."""
    if toml:
        file.write_text(toml, encoding="utf-8")
    return load_settings(environ or {}, file, given)


def error_of(*arguments: Any, **given: Any) -> UserError:
    with pytest.raises(UserError) as raised:
        loaded(*arguments, **given)
    return raised.value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "searchsvc.toml"


# Values

HERE = str(Path(__file__).parent)
TOKEN = "a-token-of-letters"
GOOD: dict[str, dict[str, Any]] = {
    "corpus": {"/srv/articles": Path("/srv/articles"), "relative": Path("relative"), "ä b": Path("ä b")},
    "index": {".": Path(), "/a b/c": Path("/a b/c"), "\udcff": Path("\udcff")},
    "engine": {"tantivy": "tantivy", "whoosh": "whoosh", "opensearch": "opensearch"},
    "opensearch_url": {
        "http://a": ("http://a",),
        "https://a:9200/": ("https://a:9200/",),
        " http://a , https://b:1,": ("http://a", "https://b:1"),
        "http://[::1]:9200": ("http://[::1]:9200",),
    },
    "opensearch_index": {"a": "a", "7": "7", "a-b_c": "a-b_c", "a" * 100: "a" * 100},
    "opensearch_user": {"": "", "ann": "ann"},
    "opensearch_password": {"": "", " spaces ": " spaces "},
    "opensearch_ca": {"": None, __file__: Path(__file__)},
    "opensearch_shards": {"1": 1, "1024": 1_024},
    "opensearch_replicas": {"0": 0, "100": 100},
    "language": {"english": ("english",), "German, fr": ("german", "french"), "": ()},
    "synonyms": {"": None, __file__: Path(__file__)},
    "reading_processes": {"0": 0, "1000": 1_000},
    "keep": {"1": 1, "1000": 1_000},
    "host": {
        **{"127.0.0.1": "127.0.0.1", "::": "::", "::1": "::1", "[::1]": "::1", "0:0:0:0:0:0:0:1": "::1"},
        **{
            "localhost": "localhost",
            "Web.Example.": "web.example",
            "fe80::1%eth0": "fe80::1%eth0",
            "search_svc": "search_svc",
        },
    },
    "port": {"1": 1, "65535": 65_535, "0080": 80},
    "workers": {"0": 0, "1000": 1_000},
    "threads": {"1": 1},
    "read_token": {"a" * 16: "a" * 16, "!~'=;#$%&*+()[]{}": "!~'=;#$%&*+()[]{}"},
    "write_token": {"a-token-for-writers": "a-token-for-writers"},
    "rate_limit": {"1/second": "1/second", "100/minute": "100/minute", "999999999/day": "999999999/day"},
    "origins": {"": (), "*": ("*",), "https://a.b, http://c:80": ("https://a.b", "http://c:80")},
    "hosts": {
        **{
            "a.example": ("a.example",),
            " a ,, b ": ("a", "b"),
            "A.Example.": ("a.example",),
            ".a.example": (".a.example",),
        },
        **{"bücher.example": ("xn--bcher-kva.example",), "::1": ("[::1]",), "[2001:DB8::1]": ("[2001:db8::1]",)},
    },
    "proxies": {"0": 0, "10": 10},
    "access_log": {"": "", "-": "-", "/var/log/x": "/var/log/x"},
    "log_format": {"text": "text", "json": "json"},
    "slow_ms": {"0": 0, "1000000": 1_000_000},
    "page_language": {"": "", "de": "de", "zh": "zh"},
    "title": {" The\n  archive ": "The archive", "x" * 1_000: "x" * 1_000, "संग्रह": "संग्रह"},
    "feed_id": {"": "", "archive.example,2026": "archive.example,2026", "a@b.example,2026-01": "a@b.example,2026-01"},
    "intro": {"<b>": "<b>"},
    "accent": {"": "", "#27548a": "#27548a", "#ABCDEF": "#ABCDEF"},
    "facets": {"": (), "place": ("place",), "place, x.date ,mood": ("place", "x.date", "mood")},
    "field_order": {"": (), "mood, x.date": ("mood", "x.date")},
    "templates": {"": None, HERE: Path(HERE)},
    "static": {"": None, HERE: Path(HERE)},
    "public_url": {"": "", "http://127.0.0.1:8000": "http://127.0.0.1:8000", "https://a.example/b": "https://a.example/b"},
    "webhook_secret": {"whsec_MfKQ9r8GKYqrTwjUPD8I": "whsec_MfKQ9r8GKYqrTwjUPD8I"},
    "smtp_host": {"": "", "smtp.paper.example": "smtp.paper.example", "::1": "::1"},
    "smtp_port": {"25": 25, "65535": 65_535},
    "smtp_tls": {"starttls": "starttls", "tls": "tls", "none": "none"},
    "smtp_user": {"": "", "archive@paper.example": "archive@paper.example"},
    "smtp_password": {"": "", "a b": "a b"},
    "smtp_from": {"": "", "archive@paper.example": "archive@paper.example"},
}


def test_every_setting_has_a_row_of_good_values() -> None:
    assert list(GOOD) == [each.name for each in SETTINGS]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, values in GOOD.items() for text in values])
def test_good_values(name: str, text: str) -> None:
    assert getattr(loaded({f"SEARCHSVC_{name.upper()}": text}), name) == GOOD[name][text]


WHOLE = "it must be a whole number from "
BAD: dict[str, tuple[str, tuple[str, ...]]] = {
    "corpus": ("it must be the path of a folder, without spaces around it", ("", " ", " /srv", "/srv\r", "a\0b")),
    "index": ("it must be the path of a folder, without spaces around it", ("", "/srv\n")),
    "engine": ("it must be one of tantivy, whoosh, opensearch", ("", "Tantivy", "lucene", "tantivy ", "tantivy\r")),
    "opensearch_url": (
        "it must be URLs such as https://node1.example:9200, without a user name or path",
        (
            "",
            " , ",
            "node1:9200",
            "ftp://a",
            "http://",
            "http://u:p@a",
            "http://a/path",
            "http://a?x",
            "http://a b",
            "http://ä",
        ),
    ),
    "opensearch_index": (
        "it must be at most 100 lower-case letters, digits, - and _, beginning with a letter or digit",
        ("", "A", "_a", "-a", "a.b", "a/b", "a*", "ä", "a" * 101, "a\n"),
    ),
    "synonyms": ("it must be the path of a file that exists", ("/none.txt", HERE)),
    "opensearch_ca": ("it must be the path of a file that exists", ("/none.pem", HERE)),
    "opensearch_shards": (f"{WHOLE}1 to 1024", ("0", "1025", "", "x", "1.5", "-1", " 1", "1e3", "1_0")),
    "opensearch_replicas": (f"{WHOLE}0 to 100", ("-1", "101")),
    "language": ("it must be languages separated by commas, from arabic, ", ("klingon", "en de")),
    "reading_processes": (f"{WHOLE}0 to 1000", ("-1", "1001", "auto")),
    "keep": (f"{WHOLE}1 to 1000", ("0", "1001")),
    "host": (
        "it must be an address such as 127.0.0.1 or ::1, without a port",
        ("", " ", "a b", "a\n", "127.0.0.1:80", "[::1]:80", "http://a", "*", "a..b", ":", "::g", "unix:/run/a"),
    ),
    "port": (f"{WHOLE}1 to 65535", ("", "0", "65536", "80 ", "http", "99999999999999999999", "http://a")),
    "workers": (f"{WHOLE}0 to 1000", ("-1", "1001", "auto")),
    "threads": (f"{WHOLE}1 to 1000", ("0", "1001")),
    "rate_limit": (
        "it must be a number per second, minute, hour or day, such as 100/minute",
        (
            "",
            " ",
            "0/minute",
            "-1/minute",
            "100",
            "100/week",
            "100 / minute",
            "1.5/day",
            "1000000000/day",
            "100/minute;1/day",
        ),
    ),
    "origins": (
        "it must be origins without a path, such as https://news.example, or * for any",
        ("a.example", "https://a/", "https://*.example", "null", "https://a:123456", "https://a, b", "https://ä"),
    ),
    "hosts": (
        "it must be host names such as archive.example, without a scheme, port or path",
        ("", " , ", "http://a", "a:80", "a/b", "*", "a b", "*.example", "u@a", "[::1", "a..b", "ä" * 70),
    ),
    "field_order": ("it must be a list without control characters", ("a\x00",)),
    "facets": ("it must be a list without control characters", ("a\x00", "a, \udcff", "a\n")),
    "proxies": (f"{WHOLE}0 to 10", ("-1", "11", "true")),
    "feed_id": (
        "it must be a domain or an address of e-mail that is yours, and a year in which it was",
        ("archive.example", "archive.example,26", "a b,2026", "https://a.example,2026", ",2026"),
    ),
    "page_language": ("it must be one of en, de, fr, es, hi, ar, zh", ("it", "DE", "de-AT", "english")),
    "log_format": ("it must be one of text, json", ("", "JSON", "xml")),
    "slow_ms": (f"{WHOLE}0 to 1000000", ("-1", "1000001")),
    "access_log": (
        "it must be the path of a file, without spaces around it, or - for standard output",
        (" ", "/a\r", "- "),
    ),
    "title": ("it must be ", ("", " ", "x" * 1_001, "a\x00", "\x1b[31m", "\udcff")),
    "intro": ("it must be at most 1,000 characters long, without control characters", ("x" * 1_001, "a\x07")),
    "accent": (
        "it must be a hexadecimal colour, such as #27548a",
        ("27548a", "#27548", "#27548ag", "red", "#27548a;", "#fff"),
    ),
    "templates": ("it must be the path of a folder that exists", ("/none", __file__)),
    "static": ("it must be the path of a folder that exists", ("/none", __file__)),
    "public_url": (
        "it must be an address such as https://archive.example",
        ("a.example", "https://a/", "ftp://a", "https://a b"),
    ),
    "smtp_host": ("it must be the name of a mail server", ("a b", "a.example:25", "http://a")),
    "smtp_port": (WHOLE, ("0", "65536", "x")),
    "smtp_tls": ("it must be one of starttls, tls, none", ("", "ssl")),
    "smtp_from": ("it must be an address such as archive@paper.example", ("archive", "A <a@b.example>", "a@b\nBcc: c")),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, texts) in BAD.items() for text in texts])
def test_bad_values_are_errors_that_say_what_is_allowed(name: str, text: str) -> None:
    variable = f"SEARCHSVC_{name.upper()}"
    error = error_of({variable: text})
    assert str(error).startswith(f"{variable} is “{text}”; {BAD[name][0]}")
    assert (error.param, error.hint) == (name, None)


@pytest.mark.parametrize("text", ["--1", "²"])
def test_text_that_resembles_a_number_gets_the_same_message(text: str) -> None:
    assert str(error_of({"SEARCHSVC_PORT": text})) == f"SEARCHSVC_PORT is “{text}”; {WHOLE}1 to 65535"


@pytest.mark.parametrize("name", ["read_token", "write_token"])
@pytest.mark.parametrize(
    "secret",
    ["tooshort", "a" * 15, "with a space in it", "umlaut-ä-is-not-ascii", f"{TOKEN}\n", f" {TOKEN}", "\ufeff" + TOKEN],
)
def test_errors_do_not_show_a_secret(name: str, secret: str) -> None:
    variable = f"SEARCHSVC_{name.upper()}"
    error = error_of({variable: secret})
    assert str(error) == f"{variable} must be at least 16 printable ASCII characters, without spaces"
    assert error.__cause__ is None
    assert error.__suppress_context__


@pytest.mark.parametrize("name", ["read_token", "write_token", "rate_limit", "hosts"])
@pytest.mark.parametrize("text", ["", " "])
def test_nothing_is_opened_by_an_empty_value(file: Path, name: str, text: str) -> None:
    for error in (error_of({f"SEARCHSVC_{name.upper()}": text}), error_of({}, f"{name} = '{text}'", file)):
        assert (error.param, str(error).endswith(", or be left out")) == (name, True)


def test_the_representation_has_no_secret() -> None:
    secrets = {each.name: f"secret-number-{at:02d}" for at, each in enumerate(SETTINGS) if each.secret}
    assert set(secrets) == {"opensearch_password", "read_token", "write_token", "webhook_secret", "smtp_password"}
    shown = repr(Settings(**secrets))  # type: ignore[arg-type]
    assert "secret-number" not in shown
    assert "opensearch_user=''" in shown


# Sources


@pytest.mark.parametrize(
    ("option", "environ", "toml", "port"),
    [
        (None, {}, "", 8000),
        (None, {}, "port = 1", 1),
        (None, {"SEARCHSVC_PORT": "2"}, "port = 1", 2),
        ("3", {"SEARCHSVC_PORT": "2"}, "port = 1", 3),
        ("3", {}, "", 3),
        (3, {}, "", 3),
        pytest.param("3", {"SEARCHSVC_PORT": "x"}, 'port = "y"', 3, id="overridden values are not parsed"),
    ],
)
def test_an_option_precedes_the_environment_and_that_the_file(
    file: Path, option: Any, environ: dict[str, str], toml: str, port: int
) -> None:
    assert loaded(environ, toml, file, port=option).port == port


@pytest.mark.parametrize(
    ("environ", "toml", "given", "place"),
    [
        ({"SEARCHSVC_PORT": "x"}, "", {}, "SEARCHSVC_PORT"),
        ({}, 'port = "x"', {}, "port in {file}"),
        ({}, "", {"port": "x"}, "--port"),
        ({"SEARCHSVC_PORT": "1"}, "port = 1", {"port": "x"}, "--port"),
    ],
)
def test_errors_name_the_place(file: Path, environ: dict[str, str], toml: str, given: dict[str, Any], place: str) -> None:
    error = error_of(environ, toml, file, **given)
    assert str(error).startswith(f"{place.format(file=file)} is “x”; it must be a whole number from 1 to 65535")


@pytest.mark.parametrize(
    ("toml", "name", "value"),
    [
        ("port = 80", "port", 80),
        ('port = "80"', "port", 80),
        ('facets = ["place", "mood"]', "facets", ("place", "mood")),
        ('facets = "place, mood"', "facets", ("place", "mood")),
        ("facets = []", "facets", ()),
        ('corpus = "/srv/a"', "corpus", Path("/srv/a")),
        ('title = """\nThe\narchive"""', "title", "The archive"),
        ("# only a comment\n", "port", 8000),
    ],
)
def test_values_in_the_file(file: Path, toml: str, name: str, value: object) -> None:
    assert getattr(loaded({}, toml, file), name) == value


NUMBER, TEXT, LIST = "a number", "a text in quotation marks", "a list of texts in quotation marks"


@pytest.mark.parametrize(
    ("toml", "name", "expected"),
    [
        ("port = true", "port", NUMBER),
        ("port = 80.5", "port", NUMBER),
        ("port = [80, 81]", "port", NUMBER),
        ("[port]\nx = 1", "port", NUMBER),
        ("port = 2022-12-23", "port", NUMBER),
        ("title = 2022", "title", TEXT),
        ("title = true", "title", TEXT),
        ('title = ["a"]', "title", TEXT),
        ("[corpus]\npath = 'x'", "corpus", TEXT),
        ("host = 127.1", "host", TEXT),
        ("read_token = 1234567890123456", "read_token", TEXT),
        ("hosts = 1", "hosts", LIST),
        ("hosts = ['a', 1]", "hosts", LIST),
        ("facets = [['a']]", "facets", LIST),
        ("[[facets]]\na = 1", "facets", LIST),
    ],
)
def test_values_of_another_type_are_errors(file: Path, toml: str, name: str, expected: str) -> None:
    error = error_of({}, toml, file)
    assert (str(error), error.param) == (f"{name} in {file} must be {expected}", name)


@pytest.mark.parametrize(
    "content",
    [b"port", b"port = 1\nport = 2", b"\xff", b"title = '\x00'", b"[mapping", b"port = 08", b"a = " + b"[" * 9_999],
)
def test_a_file_that_is_no_toml_is_an_error(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert str(error_of({}, "", file)).startswith(f"cannot read {file}: ")


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    assert str(error_of({}, "", tmp_path)).startswith(f"cannot read {tmp_path}: ")


@pytest.mark.parametrize("name", ["nowhere.toml", "", " ", "nowhere/searchsvc.toml"])
def test_a_named_file_that_does_not_exist_is_an_error(name: str) -> None:
    for environ, option, where in (({}, name, "--config"), ({"SEARCHSVC_CONFIG": name}, None, "SEARCHSVC_CONFIG")):
        with pytest.raises(UserError) as raised:
            settings_file(environ, option)
        assert str(raised.value) == f"{where} names the settings file “{name}”, which does not exist"


def test_the_default_file_may_be_absent_and_an_option_precedes_the_environment(file: Path) -> None:
    file.write_text("port = 81")
    assert settings_file({}) == Path("searchsvc.toml")
    assert settings_file({"SEARCHSVC_CONFIG": "nowhere.toml"}, str(file)) == file


def test_without_file_and_environment_everything_has_its_default() -> None:
    assert loaded() == Settings()


def test_the_environment_names_the_file(file: Path) -> None:
    file.write_text("port = 81")
    assert settings_of({"SEARCHSVC_CONFIG": str(file)}).port == 81


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(port=81, facets=("place", "mood"), origins=("https://a", "https://b"), title="A, B"),
        Settings(opensearch_ca=Path(__file__), templates=Path(HERE), read_token="correct-horse-battery"),
    ],
)
def test_another_process_can_be_given_the_same_settings(settings: Settings) -> None:
    assert loaded(environment(settings)) == settings


@pytest.mark.parametrize(("number", "processes"), [(0, min(os.cpu_count() or 1, 8)), (1, 1), (99, 99)])
def test_processes_are_as_many_as_set_or_one_per_core(number: int, processes: int) -> None:
    assert Settings(workers=number).worker_count == processes
    assert Settings(reading_processes=number).reader_count == processes


# Hosting platforms


def serving(environ: dict[str, str], file: Path, **options: str) -> Settings:
    file.write_text("port = 81\nworkers = 1")
    return load_settings(environ, file, options, serving=True)


PLATFORM = {"PORT": "5000", "WEB_CONCURRENCY": "3"}


def test_the_variables_of_platforms_win_over_the_file_and_lose_to_our_own(file: Path) -> None:
    own = {"SEARCHSVC_PORT": "82", "SEARCHSVC_WORKERS": "2"}
    assert (serving({}, file).port, serving({}, file).workers) == (81, 1)
    assert (serving(PLATFORM, file).port, serving(PLATFORM, file).workers) == (5000, 3)
    assert (serving(PLATFORM | own, file).port, serving(PLATFORM | own, file).workers) == (82, 2)
    given = serving(PLATFORM | own, file, port="83", workers="4")
    assert (given.port, given.workers) == (83, 4)


def test_the_variables_of_platforms_do_not_concern_what_does_not_serve() -> None:
    assert loaded({"PORT": "tcp://10.0.0.1:80", "WEB_CONCURRENCY": "many"}) == Settings()


@pytest.mark.parametrize(("variable", "param"), [("PORT", "port"), ("WEB_CONCURRENCY", "workers")])
@pytest.mark.parametrize("value", ["", "many", "-1"])
def test_a_wrong_variable_of_a_platform_is_named(file: Path, variable: str, param: str, value: str) -> None:
    with pytest.raises(UserError, match=rf"^{variable} is “{value}”; it must be a whole number from ") as raised:
        serving({variable: value}, file)
    assert raised.value.param == param


def test_a_port_of_kubernetes_leaves_that_of_the_platform(file: Path) -> None:
    assert serving(PLATFORM | {"SEARCHSVC_PORT": "tcp://10.0.0.1:8000"}, file).port == 5000


# Unknown names


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("corpse", "corpus"),
        ("ports", "port"),
        ("Port", "port"),
        ("rate-limit", "rate_limit"),
        ("maping", "mapping"),
        ("zzz", None),
        ("ä", None),
    ],
)
def test_an_unknown_name_in_the_file_names_the_nearest(file: Path, name: str, hint: str | None) -> None:
    error = error_of({}, f'"{name}" = "x"', file)
    assert (error.param, error.hint) == (name, hint)
    assert str(error).startswith(f"unknown setting “{name}” in {file}; ")
    assert str(error).endswith(f"did you mean “{hint}”?" if hint else "smtp_password, smtp_from")


@pytest.mark.parametrize(
    ("variable", "hint"),
    [
        ("SEARCHSVC_WORKER", "SEARCHSVC_WORKERS"),
        ("SEARCHSVC_READ_TOKN", "SEARCHSVC_READ_TOKEN"),
        ("SEARCHSVC_TOKEN", "SEARCHSVC_READ_TOKEN"),
        ("SEARCHSVC_READTOKEN", "SEARCHSVC_READ_TOKEN"),
        ("SEARCHSVC_PORTT", "SEARCHSVC_PORT"),
        ("SEARCHSVC_CONFIGURATION", "SEARCHSVC_CONFIG"),
        ("searchsvc_read_token", "SEARCHSVC_READ_TOKEN"),
        ("Searchsvc_Hosts", "SEARCHSVC_HOSTS"),
        ("SEARCHSVC_ZZZZ", None),
        ("SEARCHSVC_", None),
        ("SEARCHSVC_Ä", None),
    ],
)
def test_an_unknown_variable_is_an_error_that_names_the_nearest(variable: str, hint: str | None) -> None:
    error = error_of({variable: "x"})
    assert str(error).startswith(f"unknown setting {variable}; ")
    assert str(error).endswith(f"did you mean {hint}?" if hint else "smtp_password, smtp_from")
    assert (error.param, error.hint) == (variable, hint)


KUBERNETES = {
    "SEARCHSVC_PORT": "tcp://10.0.0.1:8000",
    "SEARCHSVC_SERVICE_HOST": "10.0.0.1",
    "SEARCHSVC_SERVICE_PORT": "8000",
    "SEARCHSVC_SERVICE_PORT_HTTP_METRICS": "9090",
    "SEARCHSVC_PORT_8000_TCP": "tcp://[fd00::1]:8000",
    "SEARCHSVC_PORT_8000_TCP_ADDR": "fd00::1",
    "SEARCHSVC_PORT_8000_TCP_PORT": "8000",
    "SEARCHSVC_PORT_8000_TCP_PROTO": "tcp",
    "SEARCHSVC_PORT_53_UDP": "udp://10.0.0.1:53",
    "SEARCHSVC_OPENSEARCH_SERVICE_HOST": "10.0.0.2",
    "SEARCHSVC_OPENSEARCH_PORT": "tcp://10.0.0.2:9200",
    "SEARCHSVC_OPENSEARCH_PORT_9200_TCP_ADDR": "10.0.0.2",
}


@pytest.mark.parametrize(("variable", "value"), KUBERNETES.items(), ids=KUBERNETES)
def test_variables_that_kubernetes_makes_are_no_settings(variable: str, value: str) -> None:
    assert loaded({variable: value}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SEARCHSVC_PORT", "tcp:8000"),
        ("SEARCHSVC_SERVICE_HOST", "archive.example"),
        ("SEARCHSVC_SERVICE_PORT", "http"),
        ("SEARCHSVC_HTTP_PORT", "8000"),
        ("SEARCHSVC_PORT_8000", "tcp://10.0.0.1:8000"),
        ("SEARCHSVC_PORT_8000_TCP_HOST", "10.0.0.1"),
        ("SEARCHSVC_READ_TOKN", "tcp://10.0.0.1:8000"),
        ("SEARCHSVC_SERVICE_TOKEN", "10.0.0.1"),
    ],
)
def test_other_variables_are_not_taken_for_those_of_kubernetes(variable: str, value: str) -> None:
    assert variable in str(error_of({variable: value}))


@pytest.mark.parametrize(
    "variable", ["SEARCHSVC_CONFIG", "SEARCHSVC_OPEN", "SEARCHSVC_DATA", "OTHER_PORT", "SEARCHSVC", "_SEARCHSVC_COMPLETE"]
)
def test_variables_for_other_purposes_are_accepted(variable: str) -> None:
    assert loaded({variable: "x"}) == Settings()


# The mapping


@pytest.mark.parametrize(
    ("toml", "mapping"),
    [
        ("", ()),
        ("[mapping]", ()),
        ('[mapping]\ntitle = "Headline"', (("Headline", "title"),)),
        ('[mapping]\ntitle = ["A", "B"]\nbody = "C"', (("A", "title"), ("B", "title"), ("C", "body"))),
        ("[mapping]\ntitle = []", ()),
        ('mapping = { date = "जारी" }', (("जारी", "date"),)),
    ],
)
def test_the_mapping_is_pairs_of_name_and_field(file: Path, toml: str, mapping: tuple[tuple[str, str], ...]) -> None:
    assert loaded({}, toml, file).mapping == mapping


@pytest.mark.parametrize(
    ("toml", "labels"),
    [
        ("", ()),
        ("[labels]", ()),
        (
            '[labels]\nisbn = "ISBN"\nhas_topics = "Topics  and\\nmore"',
            (("isbn", "ISBN"), ("has_topics", "Topics and more")),
        ),
    ],
)
def test_labels_are_pairs_of_field_and_text(file: Path, toml: str, labels: tuple[tuple[str, str], ...]) -> None:
    assert loaded({}, toml, file).labels == labels


@pytest.mark.parametrize(
    ("toml", "message", "param"),
    [
        ('labels = "x"', "labels in {file} must be a table: a line [labels], then", None),
        ("[labels]\nisbn = 7", "isbn in [labels] of {file} must be a text in quotation marks", "isbn"),
        ('[labels]\nisbn = " "', "isbn in [labels] of {file} must be a text in quotation marks", "isbn"),
        ('[labels]\nisbn = "\\u0007"', "isbn in [labels] of {file} must be at most 1,000 characters long", "isbn"),
    ],
)
def test_wrong_labels_are_an_error(file: Path, toml: str, message: str, param: str | None) -> None:
    error = error_of({}, toml, file)
    assert str(error).startswith(message.format(file=file))
    assert error.param == param


@pytest.mark.parametrize(
    ("toml", "message", "param", "hint"),
    [
        ('mapping = "x"', "mapping in {file} must be a table: a line [mapping], then", None, None),
        ("mapping = []", "mapping in {file} must be a table", None, None),
        ('[mapping]\ntitel = "x"', "[mapping] in {file}: no field “titel”; the fields are id, title, ", "titel", "title"),
        ('[mapping]\nzzz = "x"', "[mapping] in {file}: no field “zzz”", "zzz", None),
        ('[mapping]\ntitle = ""', "title in [mapping] of {file} must be a name or a list of names", "title", None),
        ("[mapping]\ntitle = 7", "title in [mapping] of {file} must be a name", "title", None),
        ('[mapping]\ntitle = ["a", 7]', "title in [mapping] of {file} must be a name", "title", None),
        ('[mapping.title]\nx = "y"', "title in [mapping] of {file} must be a name", "title", None),
    ],
)
def test_a_wrong_mapping_is_an_error(file: Path, toml: str, message: str, param: str | None, hint: str | None) -> None:
    error = error_of({}, toml, file)
    assert str(error).startswith(message.format(file=file))
    assert (error.param, error.hint) == (param, hint)
