"""Which addresses may be called: a server that somebody names must not lead us into our own network."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

PORTS = {"https": 443, "http": 80}
METADATA = ip_address("fd00:ec2::254")
"""Where a cloud tells a machine its secrets, beside the link-local 169.254.169.254."""
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway turns into the IPv4 address in their last 32 bits (RFC 6052)."""
_KEPT = "/%?&=:,;$|@!*'()+~-._[]"

Resolve = Callable[[str, int], tuple[str, ...]]


class AddressRefused(Exception):
    """An address that is not called, and why."""


class Origin(NamedTuple):
    """Where a token may go, and no further."""

    scheme: str
    host: str
    port: int


class Address(NamedTuple):
    origin: Origin
    target: str


def address(url: str) -> Address:
    """The parts of a URL. Raises AddressRefused for what is no plain http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("it is no address") from None
    if parts.scheme not in PORTS or not parts.hostname or not parts.hostname.isascii():
        raise AddressRefused("it is no http address")
    if "@" in parts.netloc:
        raise AddressRefused("it names a user")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(Origin(parts.scheme, parts.hostname, port or PORTS[parts.scheme]), quote(target, safe=_KEPT))


def host_of(url: str) -> str:
    """The host of a URL with its port, as a guard names it. Raises AddressRefused for what is no plain http(s) URL."""
    origin = address(url).origin
    return f"{origin.host}:{origin.port}"


def joined(page: str, following: str) -> str:
    """An address as it is written on a page. Raises AddressRefused for what is none."""
    try:
        return urljoin(page, following)
    except ValueError:
        raise AddressRefused("it is no address") from None


def resolved(host: str, port: int) -> tuple[str, ...]:
    """All addresses of a host. Raises AddressRefused if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("its name leads to no address") from None
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """hosts: those that may be called, by settings: `fhir.example.org`, or with a port other than that of its scheme,
    `fhir.example.org:8443`. inside: those of them that may lie in a private network or on this machine. plain: http is
    let through too (the demo, tests). resolve: from a host to its addresses.
    """

    hosts: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()
    plain: bool = False
    resolve: Resolve = resolved

    def admit(self, url: str) -> Address:
        """The parts of a URL that may be called by its looks. Raises AddressRefused."""
        found = address(url)
        if found.origin.scheme != "https" and not self.plain:
            raise AddressRefused("it is not https")
        if not any(name in self.hosts for name in _names(found.origin.host, found.origin.port)):
            raise AddressRefused("its host is not among those that may be called")
        return found

    def places(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a host. Whoever connects takes one of these and asks nobody again, so that a name that
        leads elsewhere the second time (DNS rebinding) leads nowhere. Raises AddressRefused if one is not allowed.
        """
        inside = any(name in self.inside for name in _names(host, port))
        places = self.resolve(host, port)
        for place in places:
            if not _allowed(place, inside):
                raise AddressRefused("its name leads into a network that may not be called")
        return places


def _names(host: str, port: int) -> tuple[str, ...]:
    """How settings may name it: without the port where that is the usual one."""
    return (f"{host}:{port}", *((host,) if port in PORTS.values() else ()))


def _allowed(place: str, inside: bool) -> bool:
    """Link-local addresses, where clouds keep their metadata, are allowed to nobody."""
    found = _plain(ip_address(place.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified or found == METADATA:
        return False
    return inside or found.is_global


def _plain(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(found, IPv4Address):
        return found
    if found in TRANSLATED:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None) or found
