"""A mail server as `SMTP_URL` names it: where it listens, how the way there is kept secret, and as whom we sign in."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

Secrecy = Literal["tls", "starttls", "none"]
PORTS: dict[Secrecy, int] = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in; "none" is for this machine itself alone."""

    host: str
    port: int
    secrecy: Secrecy
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """The server that a URL names. Raises ValueError, which does not repeat it: it holds a password."""
    read = urlsplit(url)
    if read.scheme not in ("smtp", "smtps") or not read.hostname or read.path.strip("/") or read.query or read.fragment:
        msg = "it names no mail server"
        raise ValueError(msg)
    secrecy: Secrecy = "tls" if read.scheme == "smtps" else "none" if _is_here(read.hostname) else "starttls"
    return MailServer(read.hostname, read.port or PORTS[secrecy], secrecy, unquote(read.username or ""), unquote(read.password or ""))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_sender(words: str) -> bool:
    """Whether it is one address that a letter can come from, such as `Salon <desk@salon.example>`."""
    local, _, domain = parseaddr(words)[1].rpartition("@")
    return bool(local and domain) and words.isprintable() and words.count("@") == 1
