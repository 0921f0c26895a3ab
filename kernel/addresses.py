"""Whether what was set as an address is one; no fault repeats it, for it may hold a password."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

POSTGRES = ("postgresql+psycopg", "postgresql")
REDIS = ("redis", "rediss")
BLANK = re.compile(r"\s")


def is_database(url: str) -> bool:
    """Whether it names a database of a PostgreSQL, in the dialect that we speak."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return read.drivername in POSTGRES and bool(read.database)


def is_redis(url: str) -> bool:
    """Whether it names a Redis or Valkey."""
    read = _split(url)
    return read is not None and (bool(read.hostname) if read.scheme in REDIS else read.scheme == "unix" and bool(read.path))


def is_web(url: str) -> bool:
    """Whether it is an http address, with nobody's name and password in it: it is shown."""
    read = _split(url)
    return read is not None and read.scheme in ("http", "https") and bool(read.hostname) and read.username is None and not (read.query or read.fragment)


def _split(url: str) -> SplitResult | None:
    try:
        read = urlsplit(url)
        _ = read.port
    except ValueError:
        return None
    return None if BLANK.search(url) else read
