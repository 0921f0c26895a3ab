"""How the generated pages draw things: the life of an intent as a diagram and a table, and the type of an argument in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from kernel import discover

HEAD = """# The life of an intent

An *intent* is one thing that shall happen in the outside world. It begins as `held`, and moves only along these arrows: `outbox/states.py` refuses every \
other move, compares the old state before it sets the new one, and is the only code that may move anything (`tests/house/test_states.py`). \
The database allows the same states and no others.
"""
MEANINGS = {
    "held": "A decision is awaited. Nothing can be sent.",
    "ready": "Granted. It leaves as soon as it is due and its lane has room; a temporary obstacle keeps it here, with a reason and a later due time.",
    "blocked": "Granted, but the intent before it in the same order has not left yet.",
    "calling": "A worker holds it under a lease and calls the provider.",
    "in_doubt": "The provider may or may not have accepted it. Evidence settles that, or a person; only a kind that says it may is sent again without either.",
    "sent": "The provider accepted it.",
    "delivered": "The provider says that it arrived.",
    "undelivered": "The provider accepted it, and then could not deliver it.",
    "failed": "The provider refused it for good, or every try was used up: a dead letter, with its reason.",
    "rejected": "A person said no.",
    "cancelled": "It was taken back before it left.",
    "expired": "Its time passed before it could leave.",
    "suppressed": "The recipient must not be messaged on this channel.",
}
CLASSES = {
    "waiting": "fill:#fdf3dc,stroke:#b7791f,color:#5f370e",
    "leaving": "fill:#e3eefb,stroke:#2b6cb0,color:#1a365d",
    "arrived": "fill:#e2f4ea,stroke:#2f855a,color:#1c4532",
    "settled": "fill:#f1f1f1,stroke:#718096,color:#2d3748",
}


def states() -> Iterator[str]:
    """The page of states."""
    # Only the gate and the workers may import the outbox's writing modules; this one is opened to be read.
    outbox = discover.load("outbox.states")
    moves = {str(old): [str(new) for new in outbox.State if new in onward] for old, onward in outbox.MOVES.items()}
    kinds = {state: _kind(state, outbox.WAITING, outbox.SETTLED) for state in moves}
    yield from (HEAD, "```mermaid", *_diagram(moves, kinds), "```", "", *_table(moves, kinds))


def _kind(state: str, waiting: AbstractSet[str], settled: AbstractSet[str]) -> str:
    if state in {"sent", "delivered"}:
        return "arrived"
    return "waiting" if state in waiting else "settled" if state in settled else "leaving"


def _diagram(moves: Mapping[str, list[str]], kinds: Mapping[str, str]) -> list[str]:
    arrows = [f"    {old} --> {new}" for old, onward in moves.items() for new in onward]
    ends = [f"    {state} --> [*]" for state, onward in moves.items() if not onward]
    looks = [f"    classDef {name} {look}" for name, look in CLASSES.items()]
    worn = [f"    class {', '.join(state for state in moves if kinds[state] == name)} {name}" for name in CLASSES]
    return ["stateDiagram-v2", "    direction LR", "    [*] --> held", *arrows, *ends, *looks, *worn]


def _table(moves: Mapping[str, list[str]], kinds: Mapping[str, str]) -> list[str]:
    rows = [f"| `{state}` | {kinds[state]} | {MEANINGS[state]} | {_onward(onward)} |" for state, onward in moves.items()]
    return ["| state | kind | meaning | may become |", "|---|---|---|---|", *rows]


def _onward(onward: list[str]) -> str:
    return ", ".join(f"`{state}`" for state in onward) or "nothing more: final"


def type_of(field: Mapping[str, Any]) -> str:
    """A JSON Schema in a word or two, for a column."""
    if "anyOf" in field:
        return _either([part for part in field["anyOf"] if part.get("type") != "null"])
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {type_of(field['items'])}"
    if field.get("type") in {"integer", "number"}:
        return f"{field['type']}{_limits(field, 'minimum', 'maximum')}"
    if field.get("type") == "string":
        return _text(field)
    return str(field.get("type", "object"))


def _either(parts: list[Mapping[str, Any]]) -> str:
    titled = [f"[`{part['title']}`](#{part['title']})" for part in parts if "title" in part]
    return f"the arguments of {', '.join(titled)}" if titled else " or ".join(dict.fromkeys(map(type_of, parts)))


def _text(field: Mapping[str, Any]) -> str:
    prefix = re.match(r"\^(\w+)_\[0-9a-f\]", field.get("pattern", ""))
    if prefix:
        return f"id, `{prefix[1]}_…`"
    return f"{field.get('format', 'text')}{_limits(field, 'minLength', 'maxLength')}"


def _limits(field: Mapping[str, Any], least: str, most: str) -> str:
    low, high = field.get(least), field.get(most)
    if low is not None and high is not None:
        return f", {low} to {high}"
    return f", at most {high}" if high is not None else f", at least {low}" if low is not None else ""
