"""The statement that claims and starts: short enough for the driver to keep."""

from __future__ import annotations

from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from outbox.claims import PICK
from outbox.states import START, starting


def test_the_start_is_short_enough_to_be_parsed_once() -> None:
    assert len(starting(PICK)) <= MAX_CACHED_STATEMENT_LENGTH
    assert "".join(starting(PICK).decode().split()) == "".join(START.format(picked=PICK).split())
