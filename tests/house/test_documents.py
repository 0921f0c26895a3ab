"""The pages of docs/ that are drawn from the code are as the code is."""

from __future__ import annotations

from pathlib import Path

from outbox.states import MOVES
from processes.documents import ROOMS, drawn, stale
from tests.house import declared
from tests.house.tree import SHIPPED


def test_documents_are_as_the_code_is() -> None:
    assert stale(drawn()) == [], "run ./dev docs draw"


def test_documents_tell_of_everything() -> None:
    pages = drawn()
    assert set(ROOMS) == set(SHIPPED)
    assert all(f"### {name}\n" in pages["tools.md"] for name in declared.OPERATIONS)
    assert all(f"    {old} --> {new}\n" in pages["states.md"] for old, onward in MOVES.items() for new in onward)
    assert all(" |  |" not in page for page in pages.values()), "a cell is empty: something says nothing of itself"


def test_stale_catches_a_missing_and_a_changed_page(tmp_path: Path) -> None:
    pages = {"a.md": "as it is\n", "b.md": "as it is\n", "c.md": "as it is\n"}
    (tmp_path / "a.md").write_text("as it is\n")
    (tmp_path / "b.md").write_text("as it was\n")
    assert stale(pages, tmp_path) == ["b.md", "c.md"]
