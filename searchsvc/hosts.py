"""Hosts and addresses as settings, requests and sockets write them, in one canonical form."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")


def canonical_host(text: str) -> str:
    """Return a host in lower case and ASCII, without a trailing dot. An IPv6 address is in brackets.

    Raise ValueError if the text is neither a host name nor an address.
    """
    if ":" in text:
        return f"[{IPv6Address(text[1:-1] if text.startswith('[') and text.endswith(']') else text)}]"
    name = text.encode("idna").decode().lower().removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{text} is no host")
    return name


@lru_cache(maxsize=256)  # every request asks for the same few hosts
def split_authority(text: str) -> tuple[str, str]:
    """Return the canonical host and the port of a Host header (RFC 9110). The port is "" if there is none.

    Raise ValueError if the text is no host with an optional port.
    """
    found = _AUTHORITY.fullmatch(text)
    if found is None or not text.isascii() or int(found[2] or 0) > 65_535:
        raise ValueError(f"{text} is no host")
    return canonical_host(found[1]), found[2] or ""


def authority(host: str, port: int) -> str:
    """Return a host with its port, as addresses write it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_address(host: str) -> bool:
    """Return whether a host is an IP address, with or without brackets, and not a name."""
    return _address(host) is not None


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Return whether a canonical host always is this machine: an address of the loopback interface, or a localhost name."""
    address = _address(host)
    return address.is_loopback if address else host == "localhost" or host.endswith(".localhost")


def client_network(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 address, since a customer has all of it.

    Some proxies append a port. All clients whose address is unknown count as one.
    """
    found = _AUTHORITY.fullmatch(address)
    ip = _address((found[1] if found else address).partition("%")[0])
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))
    return str(ip or "unknown")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None
