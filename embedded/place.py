"""Where one pair of servers lives."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """Data and logs, sockets, and the lock every server process holds while it lives."""

    home: Path
    sockets: Path
    hold: int
    durable: bool
