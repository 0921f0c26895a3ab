"""What a test leaves in both servers and expects to find again."""

from typing import Any

import psycopg
import redis

KEPT = ("row", "key")


def connect(database_url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect without SQLAlchemy, whose URL names the driver."""
    return psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True)


def leave_belongings(database_url: str, redis_url: str) -> None:
    """Write a row and a key."""
    with connect(database_url) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values (%s)", [KEPT[0]])
    with redis.Redis.from_url(redis_url) as client:
        client.set("kept", KEPT[1])


def find_belongings(database_url: str, redis_url: str) -> tuple[Any, Any]:
    """Read them back."""
    with connect(database_url) as connection:
        row = connection.execute("select word from kept").fetchone()
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        return row and row[0], client.get("kept")


def both_answer(database_url: str, redis_url: str) -> bool:
    """Ask each server something."""
    with connect(database_url) as connection, redis.Redis.from_url(redis_url) as client:
        return connection.execute("select 1").fetchone() == (1,) and bool(client.ping())
