"""Where a server may connect for a client: to public addresses only, and to the one that was looked at.

A name is resolved once and the connection goes to the address that came out, so that a second answer of its name
server (DNS rebinding) has no say.  Redirects have to pass here again, one by one.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from state.errors import InputError

_PORTS = {"http": 80, "https": 443}
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NEXT = "Give an http(s) address in the public internet, or download the file and upload it."

Resolve = Callable[[str, int], Iterable[str]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Pinned:
    """Connect to `address` and `port`; ask for `host`, by name, in TLS and in the Host header."""

    scheme: str
    host: str
    port: int
    address: str


def resolved(host: str, port: int) -> list[str]:
    """Every address of a host, as this machine resolves it."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(f"The host {host!r} cannot be resolved: {error}.", _NEXT) from error
    return [str(entry[4][0]) for entry in found]


def public_address(url: str, resolve: Resolve = resolved) -> Pinned:
    """The address to connect to for a URL.  Raises `InputError` unless all addresses of its host are public."""
    if not url.isprintable() or any(character in url for character in "\\ "):
        raise InputError("The address contains characters that do not belong there.", _NEXT)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InputError(f"The address cannot be read: {error}.", _NEXT) from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise InputError("The address is not a plain http or https one.", _NEXT)
    port = _PORTS[parts.scheme] if port is None else port
    found = list(dict.fromkeys(resolve(parts.hostname, port)))
    if not found or not all(is_public(address) for address in found):
        raise InputError(f"The host {parts.hostname!r} is not in the public internet.", _NEXT)
    return Pinned(parts.scheme, parts.hostname, port, found[0])


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet's, whatever it is wrapped in."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    address = _unwrapped(address)
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in _UNICAST or address.sixtofour or address.teredo  # tunnels to IPv4 that nobody needs today
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside a mapped one, or inside what an IPv6-only network makes of one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
