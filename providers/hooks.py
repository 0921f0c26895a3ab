"""Webhooks of ours to addresses that strangers chose: signed as Standard Webhooks says, and never to a place inside our own network.

The name is looked up once, every address it has must be public, and the connection goes to such an address: an answer of the
DNS that changes in between reaches nothing. Only https on its own port, nothing redirected, nothing repeated.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from ipaddress import IPv4Address, ip_address, ip_network

from typing_extensions import override
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from providers.transport import Answer, HostRefused, NotSent, Transport
from providers.wire import SecurePool

PORT = 443
MOST_ADDRESSES = 4
PREFIX = "whsec_"
SHORTEST_SECRET = 24
GLOBAL = ip_network("2000::/3")
"""All of IPv6 that is routed in public; mapped, translated (NAT64), local and reserved addresses are outside."""
INDIRECT = [ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")]
"""Public by their form, and yet a way to any other address (6to4, Teredo), or nobody's (documentation)."""

Resolve = Callable[[str], Sequence[str]]


def signed(secrets: Sequence[str], message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a Standard Webhook: `message` is its id, the same however often it is sent; `at` is aware, the time of this try.

    One signature for each secret, so that a receiver may hold the old or the new one while it is changed. Raises ValueError for what is no secret.
    """
    stamp = str(int(at.timestamp()))
    content = b".".join((message.encode(), stamp.encode(), body))
    signatures = (base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode() for secret in secrets)
    return {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures)}


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or len(key) < SHORTEST_SECRET:
        msg = f"a secret reads {PREFIX} and base64 of at least {SHORTEST_SECRET} bytes"
        raise ValueError(msg)
    return key


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's but ours: not private, loopback, link-local, shared (CGNAT), mapped, translated or reserved."""
    found = ip_address(address)
    if any(found in net for net in INDIRECT):
        return False
    return found.is_global and not found.is_multicast if isinstance(found, IPv4Address) else found in GLOBAL


def addresses_of(name: str) -> list[str]:
    """The IP addresses of a host name, of the families that this machine has; raises OSError or UnicodeError when it has none."""
    found = socket.getaddrinfo(name, PORT, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


def checked(address: str) -> Url:
    """An address that we might call, before any look-up; raises HostRefused with a sentence for whoever typed it."""
    try:
        url = parse_url(address)
    except LocationParseError:
        url = Url()
    if url.scheme != "https" or not url.host or url.port not in (None, PORT):
        raise HostRefused("A webhook goes to an address that begins with https:// and names no other port.")
    if url.auth or url.fragment is not None:
        raise HostRefused("A webhook's address holds no password and no fragment.")
    return url


def post(address: str, body: bytes, headers: Mapping[str, str], resolve: Resolve = addresses_of) -> Answer:
    """POST once: at most 3 s to reach each address, and 7 s for the answer, which may be a redirect that is not followed.

    Raises HostRefused when it leads inside, NotSent when nothing was handed over, Lost when it may have been taken.
    """
    url = checked(address)
    fault = NotSent("The name is not known.")
    for place in _places(str(url.host), resolve):
        transport = _Pinned(url, place)
        try:
            return transport.post(url.url, body, {**headers, "Host": str(url.host)})
        except NotSent as refused:
            fault = refused
        finally:
            transport.close()
    raise fault


def _places(host: str, resolve: Resolve) -> Iterator[str]:
    try:
        found = resolve(host.strip("[]"))
    except (OSError, UnicodeError):
        return
    if not all(map(is_public, found)):
        raise HostRefused("The address leads to a place that is not public, so it was not called.")
    yield from found[:MOST_ADDRESSES]


class _Pinned(Transport):
    """A transport that connects to one IP address, and has it prove the host's name."""

    def __init__(self, url: Url, place: str) -> None:
        super().__init__(f"https://{url.host}")
        self._name, self._place = str(url.host).strip("[]"), place

    @cached_property
    @override
    def _pool(self) -> HTTPConnectionPool:
        return SecurePool(self._place, PORT, maxsize=1, ssl_context=ssl.create_default_context(), server_hostname=self._name)
