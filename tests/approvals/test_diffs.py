"""Word diffs: both texts can be read back out of the pieces, whatever they hold, and a long one does not take for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.diffs import Piece, compare
from kernel.clock import monotonic

TEXTS = st.text(st.sampled_from("ab \n\u200b"), max_size=30)


def side(pieces: list[Piece], fate: str) -> str:
    return "".join(piece.text for piece in pieces if piece.fate in ("kept", fate))


@given(TEXTS, TEXTS)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    pieces = compare(before, after)
    assert (side(pieces, "gone"), side(pieces, "new")) == (before, after)
    assert all(piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same", "same", [("kept", "same")]),
        ("at 8 pm", "at 9 pm", [("kept", "at "), ("gone", "8"), ("new", "9"), ("kept", " pm")]),
        ("pay\u200bpal", "paypal", [("gone", "pay\u200bpal"), ("new", "paypal")]),
        ("one", "one two", [("kept", "one"), ("new", " two")]),
        ("👩\u200d🚀 hi", "👩\u200d🚀 ho", [("kept", "👩\u200d🚀 "), ("gone", "hi"), ("new", "ho")]),
    ],
)
def test_the_pieces_say_what_went_and_what_came(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert [(piece.fate, piece.text) for piece in compare(before, after)] == expected


@pytest.mark.parametrize(("before", "after"), [("a " * 25_000, "b a " * 12_500), ("a b " * 250, "b a " * 250)])
def test_the_longest_letters_are_compared_at_once(before: str, after: str) -> None:
    began = monotonic()
    pieces = compare(before, after)
    assert (monotonic() - began < 2, side(pieces, "new") == after) == (True, True)
