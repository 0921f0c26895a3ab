"""Connections to the database do not wait for ever on a network that went silent."""

from __future__ import annotations

from kernel.db import Database


def test_a_host_that_vanished_is_given_up_within_half_a_minute(owner_db: Database) -> None:
    with owner_db.line() as line:
        said = line.info.get_parameters()
    idle, interval, count = (int(said[name]) for name in ("keepalives_idle", "keepalives_interval", "keepalives_count"))
    assert idle + interval * count <= 30
    assert int(said["tcp_user_timeout"]) <= 30_000
