"""Links: every piece of a text that a phone turns into a link, and where a browser would really go from there.

Browsers follow the WHATWG URL standard: a backslash is a slash, what stands before an @ is no host, a host is unescaped and mapped by
UTS #46, and a host that ends in a number is an address.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from urllib.parse import unquote

import idna

from outbox.endings import ENDINGS

UNREADABLE = "an unreadable host"
LONGEST = 100
LONGEST_HOST, LONGEST_LABEL = 253, 63
BYTE = 256
WORD = re.compile(r"[^\s<>\"'`]+")
HINT = re.compile(r"[:.\u3002\uff0e\uff61].")
"""Without a dot or colon inside it, no word is a link."""
WEB = re.compile(r"https?:", re.IGNORECASE)
OTHER = re.compile(
    r"(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{1,30}:[/\\]{2}|(?:bitcoin|data|ethereum|facetime|geo|intent|javascript|lightning|mailto|maps|market|sip|skype|sms|smsto|tel|upi|whatsapp):)([^?#]+)",
    re.IGNORECASE,
)
"""Whatever has `://`, and the schemes that phones know without."""
RUN = re.compile(r"[^\s/\\:@?#&=,;!()\[\]{}|…“”«»]+")
"""What may be a host inside a word."""
ASCII_HOST = re.compile(r"(?<![a-z0-9.-])[a-z0-9-]++(?:\.[a-z0-9-]++)+", re.IGNORECASE)
DOTS = re.compile(r"[.\u3002\uff0e\uff61]")
"""What separates the labels of a host: browsers take the dots of Chinese and Japanese for dots."""
QUAD = re.compile(r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}")
PORT = re.compile(r":(\d{1,5})(?!\d)")
NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
FORBIDDEN = re.compile(r"[\x00-\x20\x7f#/:<>?@\[\\\]^|%]")
CLOSING = ".,;:!?)]}\u2019”»…。、"
"""What stands after a link and does not belong to it."""
OF_THE_WEB = frozenset({"", "80", "443"})
PATH, QUERY = frozenset("/\\"), frozenset("?#")


@dataclass(frozen=True, slots=True)
class Link:
    """One link: where it leads, and what is unusual about it."""

    target: str
    """The host, with its port where that is unusual; for other schemes the scheme and what it names."""
    is_web: bool = True
    """Whether a browser goes there."""
    is_veiled: bool = False
    """Whether it is written so that a reader takes it for another address."""
    has_port: bool = False
    """Whether it asks at an unusual port."""

    @property
    def is_foreign(self) -> bool:
        """Whether its name has letters of another alphabet."""
        return self.is_web and any(label.startswith("xn--") for label in self.target.split("."))

    @property
    def is_number(self) -> bool:
        """Whether it names no name."""
        return self.is_web and (self.target.startswith("[") or bool(QUAD.fullmatch(self.target.partition(":")[0])))


def links_in(text: str) -> list[Link]:
    """The links in the text, in order."""
    return [link for word in WORD.findall(text) if HINT.search(word) for link in _in_word(word)]


def _in_word(word: str) -> list[Link]:
    starts = [found.start() for found in WEB.finditer(word)]
    if starts:
        pieces = [word[start:end] for start, end in pairwise([*starts, len(word)])]
        return _in_word(word[: starts[0]]) + [link for piece in pieces if (link := _web(piece))]
    if other := OTHER.search(word):
        return [*_bare(word[: other.start()]), Link(f"{other[1].lower()}{other[2].rstrip(CLOSING)}"[:LONGEST], is_web=False)]
    return _bare(word)


def _web(written: str) -> Link | None:
    """A link with the scheme of the web."""
    rest = written.partition(":")[2].rstrip(CLOSING)
    place = rest.replace("\\", "/").lstrip("/")
    return _link(re.split(r"[/?#]", place, maxsplit=1)[0], backslash="\\" in rest) if place else None


def _link(authority: str, *, backslash: bool = False) -> Link:
    before, at, place = authority.rpartition("@")
    host, port = _split_port(place.rstrip(CLOSING.replace("]", "")))
    real = _as_browsers_read(host)
    veiled = backslash or bool(at) or bool(before) or not _is_plainly(host, real)
    return Link(f"{real}:{port}" if port not in OF_THE_WEB else real, is_veiled=veiled, has_port=port not in OF_THE_WEB)


def _split_port(place: str) -> tuple[str, str]:
    host, colon, port = place.rpartition(":")
    return (host, port) if colon and (not port or port.isdecimal()) and not host.endswith(":") else (place, "")


def _as_browsers_read(host: str) -> str:
    """The host in ASCII, as it is asked for; `an unreadable host` where a browser refuses it."""
    try:
        if host.startswith("["):
            return f"[{IPv6Address(host[1:-1] if host.endswith(']') else host)}]"
        name = idna.uts46_remap(unquote(host, errors="strict"), std3_rules=False).rstrip(".")
        labels = [label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in name.split(".")]
        return str(_address(labels)) if NUMBER.fullmatch(labels[-1]) else _name(".".join(labels))
    except (ValueError, UnicodeError):
        return UNREADABLE


def _name(name: str) -> str:
    if FORBIDDEN.search(name) or not all(name.split(".")) or len(name) > LONGEST_HOST:
        raise ValueError
    return name


def _address(parts: list[str]) -> IPv4Address:
    """`2130706433`, `0x7f.1` and `0177.0.0.1` are all 127.0.0.1 to a browser."""
    if len(parts) > len("abcd") or not all(NUMBER.fullmatch(part) for part in parts):
        raise ValueError
    *octets, last = [_integer(part) for part in parts]
    if any(octet >= BYTE for octet in octets) or last >= BYTE ** (4 - len(octets)):
        raise ValueError
    return IPv4Address(sum(octet * BYTE ** (3 - place) for place, octet in enumerate(octets)) + last)


def _integer(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and part != "0" else int(part)


def _is_plainly(written: str, real: str) -> bool:
    """Whether what is written is what is asked for, but for capitals and for the letters of another alphabet."""
    plain = unicodedata.normalize("NFC", written.lower()).rstrip(".")
    return real in (plain, UNREADABLE) or plain == _decoded(real)


def _decoded(real: str) -> str:
    try:
        return ".".join(label[4:].encode().decode("punycode") if label.startswith("xn--") else label for label in real.split("."))
    except UnicodeError:
        return real


def _bare(word: str) -> list[Link]:
    """Hosts without a scheme, as phones underline them: by their ending, or by the path or port that follows."""
    found: list[Link] = []
    for run in RUN.finditer(word):
        port, after = PORT.match(word, run.end()), word[run.end() : run.end() + 1]
        is_mailbox = word[run.start() - 1 : run.start()] == "@"
        is_followed = bool(port) or after in PATH
        host = None if after == "@" or (is_mailbox and not is_followed) else _host_in(run.group(), followed=is_followed)
        if host:
            found.append(_link(f"{'@' if is_mailbox else ''}{host}{port[0] if port else ''}", backslash=after == "\\"))
        if host and (is_followed or after in QUERY):
            return found
    return found


def _host_in(run: str, *, followed: bool) -> str | None:
    """The part of the run that is a host, if any."""
    run = run.strip(CLOSING + "-_*~")
    labels = DOTS.split(run)
    if len(labels) < len("ab") or not all(labels):
        return None
    if labels[0].lower() == "www" or _is_ending(labels[-1], followed=followed) or QUAD.fullmatch(run):
        return run
    return next((inner for inner in ASCII_HOST.findall(run) if _is_ending(inner.rpartition(".")[2], followed=False)), None)


def _is_ending(label: str, *, followed: bool) -> bool:
    """Whether a host may end so; before a path or a port, in anything that is spelled like one."""
    if len(label) > LONGEST_LABEL:
        return False
    if followed and label.isascii() and label.isalpha() and len(label) > 1:
        return True
    return (label if label.isascii() else f"xn--{label.lower().encode('punycode').decode()}").lower() in ENDINGS
