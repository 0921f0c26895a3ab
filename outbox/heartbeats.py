"""Heartbeats: each process says every few seconds that it runs, and by how much its host's clock is ahead of the database's."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import psycopg
from sqlalchemy.orm import Mapped

from kernel.clock import now
from kernel.db import Row
from kernel.settings import version
from kernel.tenancy import PrimaryKey, Stamp

Process = Literal["web", "worker", "clock"]
PERIOD = 4.0
"""Seconds between two beats."""
ALIVE_SECONDS = 3 * PERIOD
"""Whoever has not been heard of for so long does not run."""
BEAT = """
INSERT INTO heartbeat (id, process, version, ahead_seconds)
VALUES (%(id)s, %(process)s, %(version)s, extract(epoch FROM %(now)s::timestamptz - clock_timestamp()))
ON CONFLICT (id) DO UPDATE SET beat_at = now(), ahead_seconds = excluded.ahead_seconds
"""
BURY = "DELETE FROM heartbeat WHERE beat_at < now() - interval '1 hour'"
END = "DELETE FROM heartbeat WHERE id = %s"


class Heartbeat(Row):
    """A process that runs."""

    __tablename__ = "heartbeat"

    id: Mapped[PrimaryKey]
    process: Mapped[str]
    version: Mapped[str]
    started_at: Mapped[Stamp]
    beat_at: Mapped[Stamp]
    ahead_seconds: Mapped[float]


def beat(line: psycopg.Connection[Any], process: Process, name: UUID) -> None:
    """Say that this process runs; those that fell silent an hour ago are forgotten."""
    with line.transaction():
        line.execute(BEAT, {"id": name, "process": process, "version": version(), "now": now()})
        line.execute(BURY)


def end(line: psycopg.Connection[Any], name: UUID) -> None:
    """Say that this process stopped in order."""
    with line.transaction():
        line.execute(END, (name,))
