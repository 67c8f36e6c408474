"""`searchsvc mcp`, as the client of the protocol's own library sees it: in memory, over standard streams and over HTTP."""

import datetime as dt
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import anyio
import jsonschema  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner

from searchsvc import __version__, extras
from searchsvc.cli import main
from searchsvc.config import Settings
from tests.conftest import ENGINES, ROOT, Archive
from tests.serving import free_port

pytest.importorskip("mcp", reason="the extra mcp is not installed")

import httpx2
import uvicorn
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from searchsvc.assistants.http import application
from searchsvc.assistants.server import mcp_server
from searchsvc.assistants.tools import MAX_PERIODS, TOOLS

TOKEN = "a-token-of-20-characters"
ARTICLE = "wire/2022-12-23-08.txt"


def asked(settings: Settings, ask: Callable[[Client], Awaitable[Any]]) -> Any:
    """Return what a client in this process gets."""
    return _with_client(lambda: mcp_server(settings, __version__), ask)


def _with_client(connect: Callable[[], Any], ask: Callable[[Client], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Client(connect()) as client:
            return await ask(client)

    return anyio.run(run)


def call(settings: Settings, tool: str, **arguments: Any) -> Any:
    """Return the structured answer of a tool, which has no error."""
    answer = asked(settings, lambda client: client.call_tool(tool, arguments))
    assert not answer.is_error, answer.content
    assert json.loads(answer.content[0].text) == answer.structured_content
    return answer.structured_content


def error(settings: Settings, tool: str, **arguments: Any) -> str:
    answer = asked(settings, lambda client: client.call_tool(tool, arguments))
    assert answer.is_error
    text: str = answer.content[0].text
    return text


def test_tools_are_described_and_their_answers_are_as_described(sample: Settings) -> None:
    tools = {tool.name: tool for tool in asked(sample, lambda client: client.list_tools()).tools}
    assert tuple(tools) == TOOLS
    arguments: dict[str, dict[str, Any]] = {name: {"id": ARTICLE} for name in ("get_article", "versions")}
    arguments |= {"trends": {"queries": ["tide"]}, "check_quote": {"text": "held a working group meeting"}}
    for name, tool in tools.items():
        assert tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
        assert all("description" in each for each in tool.input_schema["properties"].values()), name
        jsonschema.validate(call(sample, name, **arguments.get(name, {})), tool.output_schema)


def test_a_search_finds_what_a_search_finds(sample: Settings) -> None:
    options = {"filters": ["-source:HNA"], "date_from": "2021", "match": "any", "sort": "newest", "per_page": 3, "page": 2}
    found = call(sample, "search", query="tide ferry", **options)
    line = ["tide", "ferry", "--filter", "-source:HNA", "--from", "2021", "--match", "any", "--sort", "newest"]
    environ = {"SEARCHSVC_INDEX": str(sample.index)}
    shown = CliRunner().invoke(main, ["search", *line, "--per-page", "3", "--page", "2", "--json"], env=environ)
    expected = json.loads(shown.stdout)
    assert (found["total"], found["page"], found["pages"]) == (expected["total"], 2, expected["pages"])
    assert [each["id"] for each in found["results"]] == [each["id"] for each in expected["results"]]
    assert any("«" in snippet for each in found["results"] for snippet in each["snippets"])


def test_little_found_has_suggestions_and_what_is_ignored_is_noted(
    sample: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("searcher", "readings"):  # a busy machine has time for them too
        monkeypatch.setattr(f"searchsvc.search.{module}.MAX_SECONDS", 60.0)
    found = call(sample, "search", query="harbor modernisation xyzzyx")
    assert found["total"] == 0
    assert call(sample, "search", query="plcae:x tide")["notes"]
    assert call(sample, "search", query='"working of the group"')["suggestions"]


def test_an_article_is_read_in_parts(sample: Settings) -> None:
    whole = call(sample, "get_article", id=ARTICLE)
    assert (whole["next_start"], whole["length"], whole["source"]) == (None, len(whole["body"]), "HNA")
    first = call(sample, "get_article", id=ARTICLE, length=100)
    second = call(sample, "get_article", id=ARTICLE, start=first["next_start"])
    assert first["body"] + second["body"] == whole["body"]


def test_facets_are_counted(sample: Settings) -> None:
    usual = call(sample, "list_facets", query="tide")
    assert usual["total"] == 9
    assert {"source", "section", "date"} <= {each["field"] for each in usual["facets"]}
    sources = call(sample, "list_facets", field="source", prefix="oak")["facets"]
    assert [value["value"] for value in sources[0]["values"]] == ["Oakmoor Gazette", "Oakmoor Parish Paper"]
    assert [each["field"] for each in call(sample, "list_facets", field="date")["facets"]] == ["date"]


def test_queries_are_counted_over_time(sample: Settings) -> None:
    found = call(sample, "trends", queries=["tide", "ferry"], date_from="2019", date_to="2024")
    periods = {each["period"]: each for each in found["periods"]}
    assert (periods["2019"]["articles"], periods["2019"]["counts"][0]) == (9, 2)
    assert periods["2019"]["per_1000"][0] == round(2_000 / 9, 4)
    for number, query in enumerate(found["queries"]):
        assert query["total"] == sum(each["counts"][number] for each in found["periods"])
    assert call(sample, "trends", queries=["tide"])["queries"][0]["total"] == call(sample, "search", query="tide")["total"]
    assert call(sample, "trends", queries=["tide"], unit="month", filters=["place:Saltmarsh"])["unit"] == "month"


def test_versions_are_listed_and_searches_say_that_there_are_some(sample: Settings) -> None:
    found = call(sample, "versions", id="bees-4", per_page=4)
    assert (found["total"], found["pages"], len(found["results"])) == (6, 2, 4)
    first = found["results"][0]
    assert (first["id"], first["source"], first["uri"]) == ("bees-1", "HNA", "searchsvc://article/bees-1")
    assert 0.5 < first["shared"] < 1
    assert call(sample, "versions", id=ARTICLE)["total"] == 1


def test_a_search_has_one_result_of_each_story_unless_all_are_asked_for(sample: Settings) -> None:
    found = call(sample, "search", query="oakmoor hives")
    (bees,) = [each for each in found["results"] if each["versions"] == 6]
    assert bees["story"] == "bees-1"
    assert found["total"] - found["stories"] == 5
    assert len(found["results"]) == found["stories"]
    every = call(sample, "search", query="oakmoor hives", versions="all")
    assert (every["total"], every["stories"]) == (found["total"], None)
    ids = {each["id"] for each in every["results"] if each["story"] == "bees-1"}
    assert ids == {f"bees-{number}" for number in range(1, 7)}
    assert all(each["story"] == each["id"] for each in every["results"] if each["versions"] == 1)


def test_the_server_tells_its_name_and_version(sample: Settings) -> None:
    async def ask(client: Client) -> Any:
        return client.server_info

    about = asked(sample, ask)
    assert (about.name, about.version) == ("searchsvc", __version__)


def test_quotations_are_checked(sample: Settings) -> None:
    assert call(sample, "check_quote", text="held a working group meeting")["results"][0]["id"] == ARTICLE
    near = call(sample, "check_quote", text="Auland and Merrow held a workinggroup meeting", limit=1)
    assert (near["verbatim"], near["results"][0]["differences"][0]["printed"]) == (False, "working group")


MISQUOTED = "I promised you later buses and longer nights, and the first of them leaves at half past one"


def test_the_misquotation_of_the_sample_archive_is_found_out(sample: Settings) -> None:
    found = call(sample, "check_quote", text=MISQUOTED)
    assert (found["verbatim"], [each["id"] for each in found["results"]]) == (True, ["speech-2"])
    found = call(sample, "check_quote", text=MISQUOTED, date_to="2023")
    original = found["results"][0]
    assert (found["verbatim"], original["id"]) == (False, "speech-1")
    (difference,) = original["differences"]
    assert (difference["quoted"], difference["printed"]) == ("and", "not")


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search", {"filters": ["plcae:x"]}, "no article has the field “plcae”; did you mean “place”?"),
        ("search", {"per_page": 1_000}, "per_page is “1000”; it must be a whole number from 1 to 100"),
        ("search", {"query": "x" * 1_001}, "the query has 1,001 characters; the limit is 1,000"),
        ("search", {"date_from": "yesteryear"}, "date_from is “yesteryear”; it must be a date such as"),
        ("search", {"date_to": "x"}, "date_to is “x”; it must be a date such as"),
        ("search", {"filters": ["place:"]}, "filters has the field “place” without a value"),
        ("search", {"filters": ["date:2022"]}, "date is not a field of metadata: use date_from and date_to"),
        ("search", {"filters": ["title:x"]}, "title is not a field of metadata: search title:… in the query instead"),
        ("search", {"filters": "place:x"}, "filters is “place:x”; it must be a list of strings"),
        ("search", {"filters": ["place:x", 1]}, 'filters is “["place:x", 1]”; it must be a list of strings'),
        ("search", {"page": "x" * 100}, f"page is “{'x' * 60}…”; it must be a whole number"),
        ("search", {"page": 0}, "page is “0”; it must be a whole number from 1 to 10,000"),
        ("search", {"versions": "some"}, "versions is “some”; it must be one of one, all"),
        ("search", {"date_form": "2022"}, "there is no argument “date_form”; did you mean “date_from”?"),
        ("search", {"limit": 1_000}, "there is no argument “limit”: the arguments are query, filters, date_from, date_to"),
        ("trends", {"queries": ["a"], "smooth": 3}, "there is no argument “smooth”: the arguments are queries, filters"),
        ("get_article", {"id": "none"}, "there is no article with the id “none”"),
        (
            "get_article",
            {"id": ARTICLE, "length": 10**9},
            "length is “1000000000”; it must be a whole number from 1 to 100,000",
        ),
        ("get_article", {"id": ARTICLE, "start": -1}, "start is “-1”; it must be a whole number from 0"),
        ("get_article", {}, "id is missing: give a string"),
        ("list_facets", {"field": "plcae"}, "no article has the field “plcae”; did you mean “place”?"),
        ("list_facets", {"prefix": "a"}, "prefix needs a field"),
        ("trends", {"queries": []}, "there are 0 queries; give 1 to 5"),
        ("trends", {"queries": ["a"] * 6}, "there are 6 queries; give 1 to 5"),
        ("trends", {"queries": ["a", "b"], "filters": ["plcae:x"]}, "did you mean “place”?"),
        ("trends", {"queries": ["a"], "unit": "decade"}, "unit is “decade”; it must be one of year, month, week, day"),
        ("trends", {}, "queries is missing: give a list of strings"),
        ("trends", {"queries": ["a"], "date_from": "x"}, "date_from is “x”; it must be a date such as"),
        ("versions", {"id": "none"}, "there is no article with the id “none”"),
        ("versions", {"id": ARTICLE, "page": 2}, "there is no page 2 of its versions; the last is page 1"),
        ("check_quote", {"text": "short"}, "3"),
        ("check_quote", {}, "text is missing: give a string"),
    ],
)
def test_errors_are_told_as_people_get_them(sample: Settings, tool: str, arguments: dict[str, Any], message: str) -> None:
    told = error(sample, tool, **arguments)
    assert message in told
    assert "Error executing" not in told
    assert "pydantic" not in told


def test_without_an_index_the_error_names_no_path(archive: Archive) -> None:
    text = error(archive.settings, "search")
    assert text == "there is no index yet: run `searchsvc reindex` to build one"
    assert str(archive.settings.index) not in text


def test_articles_are_resources_whatever_their_ids_look_like(archive: Archive) -> None:
    ids = ["a/b.txt", "/etc/passwd", "../x", "https://paper.example/a?b=c#d", "ä ö%"]
    archive.write({"a.jsonl": "".join(json.dumps({"id": each, "text": f"The text of {each}"}) + "\n" for each in ids)})
    archive.service()
    for each in call(archive.settings, "search")["results"]:
        read = asked(archive.settings, lambda client, uri=each["uri"]: client.read_resource(uri))  # type: ignore[misc]
        assert read.contents[0].text.endswith(f"The text of {each['id']}")
    with pytest.raises(BaseException) as failed:
        asked(archive.settings, lambda client: client.read_resource("searchsvc://article/none"))
    assert "there is no article with the id “none”" in str(_first(failed.value))


def _first(failed: BaseException) -> BaseException:
    while isinstance(failed, BaseExceptionGroup):
        failed = failed.exceptions[0]
    assert isinstance(failed, MCPError)
    return failed


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_answers(archive_of: Callable[[str], Archive], engine: str) -> None:
    archive = archive_of(engine)
    archive.write({"a.txt": "Title: Ferries\nPlace: Lanthorn\n\nThe ferry sails to the harbour at dawn."}).service()
    assert call(archive.settings, "search", query="ferries", filters=["place:Lanthorn"])["total"] == 1
    assert call(archive.settings, "get_article", id="a.txt")["title"] == "Ferries"
    assert call(archive.settings, "check_quote", text="sails to the harbour")["verbatim"]
    assert call(archive.settings, "list_facets", field="place")["facets"][0]["values"][0]["count"] == 1
    assert call(archive.settings, "trends", queries=["ferry"])["queries"][0]["undated"] == 1
    assert call(archive.settings, "versions", id="a.txt")["total"] == 1


def test_trends_of_very_many_days_are_refused(archive: Archive) -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(number) for number in range(MAX_PERIODS + 1)]
    archive.write({"a.jsonl": "".join(json.dumps({"text": "tea", "date": str(day)}) + "\n" for day in days)}).service()
    assert "there are 401 periods; the limit is 400" in error(archive.settings, "trends", queries=["tea"], unit="day")
    shorter = call(archive.settings, "trends", queries=["tea"], unit="day", date_to="2021-02-03")
    assert len(shorter["periods"]) == MAX_PERIODS


# Transports


@pytest.mark.slow
def test_an_assistant_starts_the_command_and_talks_over_its_standard_streams(sample: Settings) -> None:
    environ = {**os.environ, "SEARCHSVC_INDEX": str(sample.index)}
    parameters = StdioServerParameters(command=sys.executable, args=["-m", "searchsvc", "mcp"], env=environ, cwd=ROOT)
    answer = _with_client(lambda: stdio_client(parameters), lambda client: client.call_tool("search", {"query": "tide"}))
    assert answer.structured_content["total"] == 9


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve over HTTP in a thread, and give the address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application(settings, __version__), port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.02)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_http_needs_the_token_of_a_private_archive(sample: Settings) -> None:
    with served(replace(sample, read_token=TOKEN)) as address:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
            refused = httpx2.post(address, json={}, headers=headers)
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="searchsvc"')

        async def run() -> Any:
            async with (
                httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as own,
                Client(streamable_http_client(address, http_client=own)) as client,
            ):
                return await client.call_tool("search", {"query": "tide"})

        answer = anyio.run(run)
    assert answer.structured_content["total"] == 9


@pytest.mark.slow
def test_http_answers_to_known_hosts_only_and_to_bodies_of_some_size(sample: Settings) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    accepted = {"Accept": "application/json, text/event-stream"}
    for hosts, host, status in (
        ((), "evil.example", 421),
        ((), "localhost:80", 200),
        (("mcp.example", ".own.example"), "mcp.example:80", 200),
        (("mcp.example", ".own.example"), "a.own.example", 200),
        (("mcp.example",), "evil.example", 400),
        (("mcp.example",), "a b", 400),
    ):
        with served(replace(sample, hosts=hosts)) as address:
            answer = httpx2.post(address, json=body, headers={**accepted, "Host": host})
            assert answer.status_code == status, (hosts, host)
            if status == 200:
                large = httpx2.post(address, content=b"x" * 70_000, headers={**accepted, "Host": host})
                assert large.status_code == 413


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(extras.LIBRARIES, "mcp", ("no_such_module",))
    done = CliRunner().invoke(main, ["mcp"])
    message = "searchsvc: the command mcp needs no_such_module: pip install 'searchsvc[mcp]'\n"
    assert (done.exit_code, done.stderr) == (2, message)


@pytest.mark.parametrize(("option", "value"), [("port", "8001"), ("host", "127.0.0.1")])
def test_an_address_without_http_is_refused(option: str, value: str) -> None:
    done = CliRunner().invoke(main, ["mcp", f"--{option}", value], env={"SEARCHSVC_PORT": "8002"})
    message = f"searchsvc: --{option} is for --http: add --http, or leave out --{option}\n"
    assert (done.exit_code, done.stderr) == (2, message)
