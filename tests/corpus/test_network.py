"""No file makes its reader use the network, whatever addresses are in it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from searchsvc.corpus import ReaderProcesses
from searchsvc.corpus.formats.html import parse_html
from searchsvc.indexer.reindex import reindex
from searchsvc.search.service import SearchService
from tests.conftest import Archive


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A server on loopback, which a test asks whether anybody came."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(0.05)
        yield listening


def had_visitor(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except TimeoutError:
        return False
    return True


def address_of(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/page"


FILES = {
    "address.html": "{0}",
    "picture.html": '<p>Tea.<img src="{0}"><script src="{0}"></script><link rel="stylesheet" href="{0}">',
    "entity.xml": '<!DOCTYPE rss SYSTEM "{0}" [<!ENTITY a SYSTEM "{0}">]>'
    "<rss><channel><item><title>Tea &a;</title></item></channel></rss>",
    "include.xml": '<rss xmlns:xi="http://www.w3.org/2001/XInclude"><channel><item><title>Tea</title>'
    '<description><xi:include href="{0}"/></description></item></channel></rss>',
    "mail.eml": 'From: a@b.example\nSubject: Tea\nContent-Type: message/external-body; access-type=URL; URL="{0}"\n\nTea.',
    "records.jsonl": '{{"title": "Tea", "body": "{0}", "url": "{0}"}}\n',
    "text.md": "---\ntitle: Tea\n---\n![Tea]({0})\n\n<{0}>\n",
}


@pytest.mark.parametrize("name", FILES)
def test_addresses_in_files_are_not_followed(archive: Archive, server: socket.socket, name: str) -> None:
    archive.write({name: FILES[name].format(address_of(server))})
    reindex(archive.settings)
    assert not had_visitor(server)
    assert SearchService(archive.settings).acquire().info.articles <= 1


def test_a_page_that_is_an_address_is_not_loaded(server: socket.socket) -> None:
    assert parse_html(address_of(server).encode()).fields["body"] == address_of(server)
    assert not had_visitor(server)


WAYS: dict[str, Callable[[int], object]] = {
    "connection": lambda port: socket.create_connection(("127.0.0.1", port)),
    "datagram": lambda port: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], (), 0, ("127.0.0.1", port)),
    "name": lambda _: socket.gethostbyname("localhost"),
    "address": lambda _: socket.gethostbyaddr("127.0.0.1"),
}


def use_network(_budget: object, way: str, port: int) -> Iterator[str]:
    """What a library might do that follows an address."""
    try:
        WAYS[way](port)
    except OSError as error:
        yield str(error)


@pytest.mark.parametrize("way", WAYS)
def test_what_reads_files_may_not_use_the_network(server: socket.socket, way: str) -> None:
    refused = ReaderProcesses().run(use_network, way, server.getsockname()[1])
    assert refused == ["what reads files may not use the network"]
    assert not had_visitor(server)
