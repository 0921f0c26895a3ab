"""Every module says in one sentence what it is, and so does every operation and every kind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from outbox.content import KINDS
from tests.house.declared import OPERATIONS
from tests.house.tree import Fault, Source, caught, everywhere, hold, refuse

BETWEEN = re.compile(r"[.!?][\"'`)]*\s+[A-Z]")
"""Where one sentence ends and another begins."""


def one_sentence(source: Source) -> Iterator[Fault]:
    """Whether the first paragraph of the docstring is one sentence."""
    first = " ".join((ast.get_docstring(source.tree) or "").partition("\n\n")[0].split())
    if not first:
        yield 1, "begins with no docstring: say in one sentence what it is"
    elif not first.endswith("."):
        yield 1, "begins with a docstring that is no sentence: end it with a full stop"
    elif BETWEEN.search(first):
        yield 1, "begins with more than one sentence: put the rest into a paragraph of its own"


def test_every_module_begins_with_one_sentence() -> None:
    hold(one_sentence, everywhere())


def test_every_operation_says_what_it_does() -> None:
    refuse(f"{name} has no docstring: it is the tool's description" for name, found in OPERATIONS.items() if not found.summary.endswith("."))


def test_every_kind_says_what_it_is() -> None:
    refuse(f"kind {name} has no docstring of its own" for name, kind in KINDS.items() if not kind.__dict__.get("__doc__"))


def test_one_sentence_catches_silence_and_chatter() -> None:
    assert caught(one_sentence, "x = 1")
    assert caught(one_sentence, '"""Bookings"""')
    assert caught(one_sentence, '"""Holds bookings. And more."""')


def test_one_sentence_lets_paragraphs_follow() -> None:
    assert not caught(one_sentence, '"""Holds bookings, e.g. of a room.\n\nMore. And more."""')
