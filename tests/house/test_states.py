"""Only outbox/states.py moves an intent, by a table that is closed and that the database knows too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from outbox.states import MOVES, SETTLED, WAITING, State
from tests.house.tree import ROOT, Fault, Source, caught, files, hold, refuse, shipped

MOVER = "outbox/states.py"
UPDATE = re.compile(r"\bupdate\s+(only\s+)?delivery\b", re.IGNORECASE)
CHECK = re.compile(r"ck_delivery_state\s+CHECK\s*\(\s*state\s+IN\s*\(([^)]*)\)", re.IGNORECASE)


def moves(source: Source) -> Iterator[Fault]:
    """Every statement that changes a delivery."""
    if source.path == MOVER:
        return
    for node in source.nodes:
        if _changes(node):
            yield getattr(node, "lineno", 1), f"changes a delivery: give {MOVER} a Move, it compares and sets"


def _changes(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str(words)):
            return UPDATE.search(words) is not None
        case ast.Call(func=ast.Name(id="update") | ast.Attribute(attr="update"), args=[ast.Name(id="Delivery"), *_]):
            return True
        case ast.Call(func=ast.Name(id="Delivery"), keywords=given):
            return any(word.arg == "state" for word in given)
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="delivery"), attr="state")]):
            return True
    return False


def in_database() -> list[set[str]]:
    """The states that each migration allows, oldest first."""
    migrations = [(ROOT / path).read_text() for path in files() if path.startswith("migrations/") and path.endswith((".sql", ".py"))]
    return [set(re.findall(r"'(\w+)'", listed)) for text in migrations for listed in CHECK.findall(text)]


def reached(start: State) -> set[State]:
    """Every state to which moves lead from here."""
    seen, waiting = {start}, [start]
    while waiting:
        new = MOVES[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def test_only_states_moves_a_delivery() -> None:
    hold(moves, shipped())
    scripts = [path for path in files() if path.startswith("migrations/") and path.endswith(".sql")]
    refuse(f"{path} changes a delivery" for path in scripts if UPDATE.search((ROOT / path).read_text()))


def test_the_table_is_closed() -> None:
    assert set(MOVES) == set(State)
    assert reached(State.HELD) == set(State), "every state can be reached from held, where every intent begins"
    assert {state for state, onward in MOVES.items() if not onward} <= SETTLED
    assert not WAITING & SETTLED


def test_the_database_knows_the_same_states() -> None:
    assert in_database(), "no migration says ck_delivery_state CHECK (state IN (…))"
    assert in_database()[-1] == {str(state) for state in State}


def test_moves_catch_each_way() -> None:
    assert caught(moves, 'SQL = """\nUPDATE  delivery SET state = 1"""')
    assert caught(moves, "session.execute(update(Delivery).values(state='sent'))")
    assert caught(moves, "session.add(Delivery(state='sent'))")
    assert caught(moves, "delivery.state = 'sent'")


def test_moves_let_reading_pass() -> None:
    assert not caught(moves, "select(Delivery.state).where(Delivery.state == 'sent')")
    assert not caught(moves, "UPDATE = 'UPDATE delivery SET x'", MOVER)
