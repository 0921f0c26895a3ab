"""How often a stranger may knock: counted in one row for each subject, exactly, over all processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.errors import RateLimited
from kernel.keys import keyed_hash
from kernel.seal import derived

PURPOSE = "throttle"
NETWORK = 64
"""Bits of an IPv6 address that one customer of a provider shares with nobody."""
COUNT = """
INSERT INTO throttle AS t (key) VALUES (:key) ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN t.since > now() - make_interval(secs => :seconds) THEN t.used + 1 ELSE 1 END,
    since = CASE WHEN t.since > now() - make_interval(secs => :seconds) THEN t.since ELSE now() END
RETURNING used
"""
SWEEP = "DELETE FROM throttle WHERE key IN (SELECT key FROM throttle WHERE since < now() - interval '1 day' LIMIT 50 FOR UPDATE SKIP LOCKED)"


class TooOften(RateLimited):
    """A code was asked for too often."""

    code = "too_often"
    next_step = "The newest letter still works for its ten minutes; else wait a quarter of an hour."
    keeps = True


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within a window that begins with the first."""

    what: str
    most: int
    window: timedelta = timedelta(minutes=15)


def count(session: Session, secret: bytes, limit: Limit, subject: str) -> None:
    """Count one more by this subject, also when it is refused. Raises TooOften."""
    key = keyed_hash(derived(secret, PURPOSE), limit.what, subject)
    used = session.scalar(text(COUNT), {"key": key, "seconds": limit.window.total_seconds()})
    session.execute(text(SWEEP))
    if used is None or used > limit.most:
        raise TooOften


def network_of(origin: str) -> str:
    """Whom an origin stands for: an IPv4 address, the /64 of an IPv6 one; anything else as it is."""
    try:
        address = ip_address(origin)
    except ValueError:
        return origin
    return str(ip_network((address, NETWORK), strict=False)) if isinstance(address, IPv6Address) else str(address)
