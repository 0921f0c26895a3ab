"""Asking in other words: request_send_approval gives no key what the chosen operation would not, and its schema says each one's arguments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import combinations
from typing import Any

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from approvals.gate import Draft, submit
from approvals.requests import Pending
from approvals.tools import RequestSendApproval, gated
from approvals.wanted import WindowClosed
from crm.access.keys import SCOPES
from kernel.arguments import validated
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.errors import NotFound, ScopeMissing
from kernel.operation import REGISTRY, AskedOnce, Effect, find, operation
from outbox.kinds.sms import Sms
from tests.factories import PHONE, Desk


class Line(BaseModel):
    """One line of it."""

    what: str = Field(description="What it is for.")


class Refund(AskedOnce):
    """What to give back."""

    lines: list[Line] = Field(description="Line by line.")


@pytest.fixture
def _refund() -> Iterator[None]:
    """A gated operation of another scope, with a model inside its arguments."""

    @operation("payments", Effect.SEND, example={"lines": [{"what": "a cut"}]})
    def refund_toy(call: Call, asked: Refund) -> Pending:
        """Give money back."""
        return submit(call, "refund_toy", [Draft(Sms(to=PHONE, body=asked.lines[0].what))])

    assert refund_toy
    yield
    del REGISTRY["refund_toy"]


def ask(desk: Desk, scopes: tuple[str, ...], action: str, payload: dict[str, Any]) -> None:
    request = find("request_send_approval")
    assert request
    caller = Caller("agent", desk.founded.key.id, "first agent", frozenset(scopes))
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, caller, desk.founded.workspace, now(), desk.settings)
        request.run(call, validated(request, {"actionType": action, "payload": payload}))


@pytest.mark.usefixtures("_refund")
@pytest.mark.parametrize("scopes", [chosen for many in range(len(SCOPES) + 1) for chosen in combinations(SCOPES, many)])
def test_a_key_reaches_an_operation_in_other_words_only_with_its_own_scope(desk: Desk, scopes: tuple[str, ...]) -> None:
    desk.run("create_account", name="Mia Park", phone="+447400123456")
    for name, chosen in gated().items():
        if chosen.scope in scopes:
            with suppress(NotFound, WindowClosed):  # it was reached: what its example names is not there, nor has its customer written
                ask(desk, scopes, name, chosen.example)
        else:
            with pytest.raises(ScopeMissing) as refused:
                ask(desk, scopes, name, chosen.example)
            assert refused.value.data == {"scope": chosen.scope}


@pytest.mark.usefixtures("_refund")
def test_the_schema_holds_every_gated_operation_and_all_that_its_arguments_are_made_of() -> None:
    schema = TypeAdapter(RequestSendApproval).json_schema()
    assert schema["properties"]["actionType"]["enum"] == list(gated())
    told = {choice["description"]: choice for choice in schema["properties"]["payload"]["anyOf"]}
    assert list(told) == [f"For actionType {name}." for name in gated()]
    for name, choice in zip(gated(), told.values(), strict=True):
        assert set(choice["properties"]) == set(REGISTRY[name].asked.model_json_schema()["properties"]) - {"idempotencyKey"}
    dangling = [ref for ref in refs(schema) if ref.removeprefix("#/$defs/") not in schema.get("$defs", {})]
    assert list(refs(schema)) == ["#/$defs/Line"]
    assert dangling == []


def refs(schema: Any) -> Iterator[str]:
    """Every reference in a schema, at any depth."""
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []:
        yield from refs(part)
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield schema["$ref"]


def test_no_alternative_stands_at_the_root_of_a_tools_schema() -> None:
    """Models' own interfaces refuse such a tool, or drop it silently; that is why the union stands inside `payload`."""
    for name, declared in REGISTRY.items():
        assert not {"oneOf", "anyOf", "allOf", "if"} & set(declared.asked.model_json_schema()), name
