"""Every tool tells an agent enough to be used without asking: summary, effect, scope, each field, an example; and it costs little."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from approvals.operating import OPERATE
from crm.access.keys import SCOPES
from kernel.operation import PUBLIC, Answer, Asked, Effect, Operation
from tests.house.declared import OPERATIONS, wire
from tests.house.test_sentences import BETWEEN
from tests.house.tree import refuse

LONGEST_SUMMARY = 200
BUDGET = 1024
"""Bytes of a tool on the wire, on average, without its answer's schema: what an agent's context pays before any work."""
CEILING = 2048
"""Bytes of one tool, counted alike."""
UNION = "request_send_approval"
DEAR = {
    UNION: "holds the arguments of every sending tool; hosts that read single tools need it whole",
    "create_service": "a service is its terms, each optional, and a second tool for half of them would be found by nobody",
}
"""Tools above the ceiling, and why each is worth it."""
SAID_BY_NAME = re.compile(
    r"name|email|phone|notes|items|parts|sends|total|nextCursor|nextStep|status|state|channel|sender|recipient|label|text|reason"
    r"|currency|timezone|provider|\w+Ids?|\w+At"
)
"""Fields of an answer that need no words: their name says what they hold. Arguments always need words."""


def undescribed(schema: dict[str, Any], *, spared: re.Pattern[str] | None = None) -> Iterator[str]:
    """The fields, at any depth, that no sentence describes."""
    for name, field in schema.get("properties", {}).items():
        if not field.get("description") and not (spared and spared.fullmatch(name)):
            yield name
        yield from undescribed(field, spared=spared)
    inner = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("$defs", {}).values(), *([schema["items"]] if "items" in schema else [])]
    for part in inner:
        yield from undescribed(part, spared=spared)


def faults(operation: Operation) -> Iterator[str]:
    """What the declaration lacks."""
    summary, shown = operation.summary, wire(operation)
    if len(summary) > LONGEST_SUMMARY or not summary.endswith(".") or len(BETWEEN.findall(summary)) > 1:
        yield f"its docstring should be one or two sentences of at most {LONGEST_SUMMARY} characters"
    if operation.scope not in (*SCOPES, OPERATE, PUBLIC):
        yield f"its scope {operation.scope!r} is none that a key can hold (crm.access.keys.SCOPES), and not a person's"
    if not isinstance(operation.effect, Effect):
        yield "its effect is none of Effect"
    yield from (f"its argument {name} needs Field(description=…)" for name in undescribed(shown["inputSchema"]))
    yield from (f"{name} of its answer needs Field(description=…)" for name in sorted(set(undescribed(shown["outputSchema"], spared=SAID_BY_NAME))))
    yield from _example(operation, shown["inputSchema"])


def _example(operation: Operation, schema: dict[str, Any]) -> Iterator[str]:
    if schema.get("required") and not operation.example:
        yield "it has required arguments, so @operation(…, example={…}) should show them"
    elif operation.example:
        unknown = sorted(set(operation.example) - set(schema["properties"]))
        if unknown:
            yield f"its example says {unknown}, which the wire spells otherwise"
        yield from _invalid(operation)


def _invalid(operation: Operation) -> Iterator[str]:
    try:
        operation.asked.model_validate(operation.example)
    except ValidationError as refused:
        yield f"its example is refused: {refused}"


def cost(operation: Operation) -> int:
    """Bytes on the wire, without the answer's schema."""
    shown = {key: value for key, value in wire(operation).items() if key != "outputSchema"}
    return len(json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode())


def test_every_tool_is_told_completely() -> None:
    assert OPERATIONS
    refuse(f"{name}: {fault}" for name, operation in OPERATIONS.items() for fault in faults(operation))


def test_tools_stay_within_their_budget() -> None:
    costs = {name: cost(operation) for name, operation in OPERATIONS.items()}
    counted = [size for name, size in costs.items() if name != UNION]
    for name, size in sorted(costs.items(), key=lambda item: -item[1]):
        sys.stdout.write(f"{size:6} {name}\n")
    sys.stdout.write(f"{sum(costs.values()):6} bytes for {len(costs)} tools, {sum(counted) / len(counted):.0f} on average without {UNION}\n")
    assert sum(counted) <= BUDGET * len(counted), "say it shorter: each word is paid for in every conversation"
    assert {name for name, size in costs.items() if size > CEILING} <= set(DEAR), "too dear: fewer arguments, or a reason in DEAR"
    assert all(costs[name] > CEILING for name in DEAR), "cheap again: strike it from DEAR"


class _Bare(Asked):
    seats: int


class _Told(Answer):
    colour: str


def _declared(**changed: Any) -> Operation:
    usual: dict[str, Any] = {"name": "book_seat", "title": "Book seat", "summary": "Book a seat.", "scope": SCOPES[0], "effect": Effect.WRITE}
    usual |= {"asked": _Bare, "answer": Answer, "run": lambda _call, _asked: Answer(), "aliases": (), "example": {"seats": 2}}
    return Operation(**usual | changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "argument seats needs"),
        ({"answer": _Told}, "colour of its answer"),
        ({"summary": "Book a seat. Or two. Or three."}, "docstring"),
        ({"scope": "everything"}, "scope"),
        ({"example": {}}, "should show them"),
        ({"example": {"seats": "many"}}, "is refused"),
        ({"example": {"seats": 1, "seat_row": 2}}, "spells otherwise"),
    ],
)
def test_faults_catch_each_omission(changed: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(_declared(**changed)))


def test_undescribed_looks_into_every_corner() -> None:
    class Inner(BaseModel):
        depth: int

    class Outer(BaseModel):
        inner: list[Inner] | None

    assert sorted(undescribed(Outer.model_json_schema())) == ["depth", "inner"]
