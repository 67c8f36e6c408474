"""Hosts and addresses: one canonical form for each, however it is written, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.hosts import authority, canonical_host, client_network, is_address, is_loopback, split_authority

HOSTS = {
    "localhost": "localhost",
    "LOCALHOST": "localhost",
    "Archive.Example.": "archive.example",
    "search_svc": "search_svc",
    "127.0.0.1": "127.0.0.1",
    "::1": "[::1]",
    "[::1]": "[::1]",
    "[0:0:0:0:0:0:0:1]": "[::1]",
    "[2001:DB8::A]": "[2001:db8::a]",
    "bücher.example": "xn--bcher-kva.example",
}


@pytest.mark.parametrize(("text", "host"), HOSTS.items(), ids=HOSTS)
def test_a_host_has_one_canonical_form(text: str, host: str) -> None:
    assert canonical_host(text) == canonical_host(host) == host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:80", ("a", "80")),
        ("A.:80", ("a", "80")),
        ("a:", ("a", "")),
        ("a", ("a", "")),
        ("[::1]", ("[::1]", "")),
        ("[::1]:8000", ("[::1]", "8000")),
        ("a:65535", ("a", "65535")),
    ],
)
def test_a_host_header_has_a_host_and_a_port(text: str, expected: tuple[str, str]) -> None:
    assert split_authority(text) == expected


WRONG = ["", ".", "a..b", ".a", "a b", "a,b", "u@a", "a/b", "a?b", "a\x00", "a\n", "%41", "a:b", "a:80:80", "a:65536"]
WRONG += ["::1", "[::1", "::1]", "[]", "[a]", "[127.0.0.1]", "[::g]", "[::1]x", "http://a", "ä", "\x80", "a" * 64, "a:-1"]


@pytest.mark.parametrize("text", WRONG)
def test_anything_else_is_no_host_header(text: str) -> None:
    with pytest.raises(ValueError, match=r"no host|idna|IP|Empty|Expected|Only|At|Unexpected"):
        split_authority(text)


@given(st.text(st.characters(max_codepoint=0xFF)))
def test_whatever_a_client_sends_is_a_host_of_one_form_or_an_error(text: str) -> None:
    try:
        host, port = split_authority(text)
    except ValueError:
        return
    assert split_authority(f"{host}:{port}") == (host, port)
    assert host.isascii()
    assert host == host.lower()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *((name, True) for name in ("localhost", "a.localhost", "a.b.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]")),
        *(
            (name, False)
            for name in ("localhost.example", "alocalhost", "", "128.0.0.1", "0.0.0.0", "::", "[::2]", "evil.example")
        ),
        *((name, False) for name in ("127.0.0.1.evil.example", "127.1", "2130706433", "10.0.0.1")),
    ],
)
def test_loopback_is_known_by_name_or_address(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("host", "address"), [("127.0.0.1", True), ("[::1]", True), ("::1", True), ("a", False), ("", False)]
)
def test_addresses_are_told_from_names(host: str, address: bool) -> None:
    assert is_address(host) is address


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("a", "a:80")])
def test_a_port_is_appended_as_addresses_write_it(host: str, shown: str) -> None:
    assert authority(host, 80) == shown


CLIENTS = {
    "192.0.2.1": "192.0.2.1",
    "192.0.2.1:5000": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:DB8:1:2::": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]:443": "2001:db8:1:2::/64",
    "[2001:db8:1:2::9]": "2001:db8:1:2::/64",
    "fe80::1%eth0": "fe80::/64",
    "::1": "::/64",
    "unknown": "unknown",
    "": "unknown",
    "_hidden\n": "unknown",
}


@pytest.mark.parametrize(("text", "client"), CLIENTS.items())
def test_a_client_is_an_ipv4_address_or_an_ipv6_network(text: str, client: str) -> None:
    assert client_network(text) == client
