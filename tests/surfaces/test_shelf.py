"""What many post at once is stored together, and each is answered for itself: after the commit, and as it went for its own events."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast
from uuid import UUID

import pytest
from psycopg import OperationalError
from psycopg.errors import DataError

from kernel.db import Database
from kernel.errors import InvalidArguments, SaysoError, Unavailable
from kernel.settings import Settings
from outbox import inbox
from outbox.dispatch import Event, ObjectEvent
from surfaces.door import Door
from surfaces.shelf import AT_ONCE, Shelf

pytestmark = pytest.mark.anyio


class Books:
    """Stands for the database: what was committed, in which transactions."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []
        self.gone = False

    @contextmanager
    def transaction(self, _workspace: UUID | None = None, _credential: bytes | None = None) -> Iterator[list[str]]:
        """All or nothing."""
        if self.gone:
            raise OperationalError
        kept: list[str] = []
        yield kept
        self.committed.append(kept)


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Books:
    def store(session: Any, _provider: str, event: Event) -> bool:
        if event.key == "odd":
            raise DataError
        session.append(event.key)
        return True

    monkeypatch.setattr(inbox, "store", store)
    return Books()


def shelf_on(books: Books) -> Shelf:
    return Shelf(Door(Settings(), cast("Database", books)))


async def kept(shelf: Shelf, *keys: str) -> SaysoError | None:
    try:
        await shelf.keep("stripe", [ObjectEvent(key, "paid", {}) for key in keys])
    except SaysoError as refused:
        return refused
    return None


async def test_one_alone_is_stored_at_once(books: Books) -> None:
    assert await kept(shelf_on(books), "a", "b") is None
    assert books.committed == [["a", "b"]]


async def test_what_comes_while_one_is_stored_goes_together(books: Books) -> None:
    shelf = shelf_on(books)
    many = [str(number) for number in range(AT_ONCE + 20)]
    assert await asyncio.gather(*(kept(shelf, key) for key in many)) == [None] * len(many)
    assert [key for keys in books.committed for key in keys] == many
    assert len(books.committed) == 2


async def test_one_that_cannot_be_stored_keeps_no_other_from_it(books: Books) -> None:
    shelf = shelf_on(books)
    faults = await asyncio.gather(kept(shelf, "a"), kept(shelf, "odd"), kept(shelf, "b"))
    assert [type(fault) for fault in faults] == [type(None), InvalidArguments, type(None)]
    assert books.committed == [["a"], ["b"]]


async def test_everybody_is_told_to_come_back_while_the_database_is_gone(books: Books) -> None:
    shelf, books.gone = shelf_on(books), True
    faults = await asyncio.gather(kept(shelf, "a"), kept(shelf, "b"))
    assert [type(fault) for fault in faults] == [Unavailable, Unavailable]
    books.gone = False
    assert await kept(shelf, "c") is None


async def test_whoever_hangs_up_takes_nobody_along(books: Books) -> None:
    shelf = shelf_on(books)
    first, second = asyncio.create_task(kept(shelf, "a")), asyncio.create_task(kept(shelf, "b"))
    await asyncio.sleep(0)
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    assert await second is None
    assert books.committed == [["a", "b"]]


async def test_nobody_hangs_when_the_process_ends(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ending(_door: Door, *_: Any) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(Door, "step", ending)
    shelf = shelf_on(books)
    faults = await asyncio.gather(*(kept(shelf, str(number)) for number in range(3)))
    assert [type(fault) for fault in faults] == [Unavailable] * 3
