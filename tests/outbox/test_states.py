"""The statements that change a state: short enough for the driver to keep, and bound to the state that they leave."""

from __future__ import annotations

from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH

from outbox.claims import PICK
from outbox.states import START, WAITING, Move, State, move, starting
from tests.factories import Bench, Desk


def test_the_start_is_short_enough_to_be_parsed_once() -> None:
    assert len(starting(PICK)) <= MAX_CACHED_STATEMENT_LENGTH
    assert "".join(starting(PICK).decode().split()) == "".join(START.format(picked=PICK).split())


def test_a_move_from_another_state_than_it_names_changes_nothing(desk: Desk, bench: Bench) -> None:
    pending = desk.approved()
    bench.drain()
    with bench.database.line() as line, line.transaction():
        assert move(line, [Move(pending.intent_ids[0], tuple(WAITING), State.CANCELLED)]).fetchall() == []
    assert desk.send(pending).state == "sent"
