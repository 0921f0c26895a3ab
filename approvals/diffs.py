"""Word diffs: what of a text stayed, went and came, in pieces that read as one text; white space is compared too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

WORDS = re.compile(r"\s+|\S+")
"""Never within a word: a hidden mark is shown with its word, and an emoji stays whole."""
MOST = 1000
"""Beyond so many changed words in a row the whole passage counts as rewritten: comparing takes the square of its length."""

Fate = Literal["kept", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words with one fate."""

    fate: Fate
    text: str


def compare(before: str, after: str) -> list[Piece]:
    """The pieces in reading order; those kept and new are the text after, those kept and gone the text before."""
    old, new = WORDS.findall(before), WORDS.findall(after)
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    middle = _rewritten(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces = [Piece("kept", "".join(old[:head])), *middle, Piece("kept", "".join(old[len(old) - tail :]))]
    return [piece for piece in pieces if piece.text]


def _alike(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    most = min(len(one), len(other))
    return next((place for place in range(most) if one[place] != other[place]), most)


def _rewritten(old: list[str], new: list[str]) -> Iterator[Piece]:
    whole = [("replace", 0, len(old), 0, len(new))]
    steps = SequenceMatcher(None, old, new).get_opcodes() if max(len(old), len(new)) <= MOST else whole
    for step, start, end, begin, stop in steps:
        if step == "equal":
            yield Piece("kept", "".join(old[start:end]))
        else:
            yield Piece("gone", "".join(old[start:end]))
            yield Piece("new", "".join(new[begin:stop]))
