"""The only way in: scope, validation, one transaction, idempotency, and refusals that tell nothing of the inside."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from kernel.call import Call, Caller
from kernel.errors import AuthRequired, Conflict, IdempotencyConflict, InvalidArguments, NotFound, SaysoError, ScopeMissing, Unavailable
from kernel.operation import AskedOnce, Effect, operation
from surfaces.auth import NOBODY
from surfaces.door import Door
from surfaces.faults import Unexpected, UnknownOperation
from surfaces.invoke import NOWHERE, Done, invoke
from tests.surfaces import toys

BOOKING = {"serviceId": "org_" + "0" * 32, "start": "2026-12-01T10:00:00+01:00", "customer": {"name": "Ann"}}


def run(door: Door, name: str, raw: Any = None, caller: Caller = toys.AGENT, workspace: UUID | None = toys.WORKSPACE) -> Done:
    return invoke(door, caller, workspace, name, {} if raw is None else raw)


def refused(door: Door, name: str, raw: Any, kind: type[SaysoError] = InvalidArguments) -> SaysoError:
    with pytest.raises(kind) as caught:
        run(door, name, raw)
    return caught.value


def test_answer_has_wire_names_when_dumped(door: Door) -> None:
    assert run(door, "list_services").body()["items"] == [{"title": "Cut", "price": "49.00", "durationMinutes": 30}]


def test_alias_finds_the_operation(door: Door) -> None:
    assert run(door, "show_services").body() == run(door, "list_services").body()


def test_one_transaction_is_opened_for_the_workspace(door: Door, ledger: toys.Ledger) -> None:
    run(door, "list_services")
    assert ledger.opened == [(toys.WORKSPACE, None)]


def test_no_transaction_is_opened_when_refused(door: Door, ledger: toys.Ledger) -> None:
    refused(door, "list_services", {"limit": 0})
    assert ledger.opened == []


def test_public_operation_runs_nowhere_without_a_key(door: Door) -> None:
    assert run(door, "ping", caller=NOBODY.caller, workspace=None).body() == {"workspace": f"org_{NOWHERE.hex}"}


def test_unknown_operation_is_refused_by_name(door: Door) -> None:
    assert "no_such\\x".replace("\\x", "?") in refused(door, "no_such\x00", {}, UnknownOperation).sentence


def test_key_is_required_when_anonymous(door: Door) -> None:
    with pytest.raises(AuthRequired):
        run(door, "list_services", caller=NOBODY.caller, workspace=None)


def test_scope_is_required_before_arguments_are_looked_at(door: Door) -> None:
    with pytest.raises(ScopeMissing) as caught:
        run(door, "list_services", {"nonsense": 1}, caller=toys.READER)
    assert "'bookings'" in caught.value.sentence


def test_unknown_argument_is_named_with_the_known_ones(door: Door) -> None:
    sentence = refused(door, "list_services", {"limt": 5}).sentence
    assert sentence == "'limt' is not a known argument (known: limit, title)."


def test_unknown_nested_argument_is_named_with_those_of_its_place(door: Door) -> None:
    sentence = refused(door, "create_booking", {**BOOKING, "customer": {"name": "Ann", "fone": "1"}}).sentence
    assert sentence == "'customer.fone' is not a known argument (known: name, email)."


def test_all_faults_are_told_at_once(door: Door) -> None:
    sentence = refused(door, "create_booking", {"start": "tomorrow", "seats": 0}).sentence
    assert all(f"'{name}'" in sentence for name in ("serviceId", "start", "customer", "seats"))


@pytest.mark.parametrize(
    "raw",
    [
        {**BOOKING, "start": "s3cret"},
        {**BOOKING, "serviceId": "s3cret"},
        {**BOOKING, "seats": "s3cret"},
        {**BOOKING, "customer": {"name": "Ann", "email": "s3cret"}},
        {**BOOKING, "customer": {"name": "Ann", "email": "a@s3cret.-"}},
        {**BOOKING, "customer": "s3cret"},
    ],
)
def test_values_are_never_repeated(door: Door, raw: dict[str, Any]) -> None:
    body = str(refused(door, "create_booking", raw).body())
    assert "s3cret" not in body
    assert "pydantic" not in body


@pytest.mark.parametrize("value", ["a\0b", "\ud800", float("nan"), float("inf"), 10**400, {"a": "\0"}, ["\udfff"], {"\0": 1}])
def test_what_cannot_be_stored_is_refused(door: Door, value: Any) -> None:
    refused(door, "create_booking", {**BOOKING, "customer": {"name": value}})


def test_deep_arguments_are_refused(door: Door) -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert "nested" in refused(door, "list_services", {"title": deep}).sentence


def test_many_faults_are_cut_short(door: Door) -> None:
    assert refused(door, "list_services", {f"x{n}": 1 for n in range(500)}).sentence.endswith("and 492 more.")


@pytest.mark.parametrize("digits", ["\u0663", "\u00b2", "\uff11", "1_000", "0x10", " 5"])
def test_strange_digits_are_an_answer_or_a_refusal(door: Door, digits: str) -> None:
    with suppress(InvalidArguments):
        run(door, "list_services", {"limit": digits})


def test_same_key_answers_the_first_answer_again(door: Door, ledger: toys.Ledger) -> None:
    first = run(door, "create_booking", {**BOOKING, "idempotencyKey": "key-12345"})
    second = run(door, "create_booking", {**BOOKING, "idempotencyKey": "key-12345"})
    assert "replayed" not in first.body()
    assert second.body() == {**first.body(), "replayed": True}
    assert ledger.calls == 1


def test_same_key_with_other_arguments_conflicts(door: Door) -> None:
    run(door, "create_booking", {**BOOKING, "idempotencyKey": "key-12345"})
    refused(door, "create_booking", {**BOOKING, "seats": 2, "idempotencyKey": "key-12345"}, IdempotencyConflict)


def test_same_key_with_another_wait_is_the_same_call(door: Door) -> None:
    run(door, "create_link", {"idempotencyKey": "key-12345"})
    assert run(door, "create_link", {"idempotencyKey": "key-12345", "waitSeconds": 3}).replayed


def test_a_key_without_a_workspace_is_refused(door: Door) -> None:
    operation("public", Effect.WRITE)(public_send)
    with pytest.raises(InvalidArguments):
        run(door, "public_send", {"idempotencyKey": "key-12345"}, caller=NOBODY.caller, workspace=None)


def public_send(call: Call, asked: AskedOnce) -> toys.Pong:
    """Take a key without a workspace."""
    raise AssertionError


@pytest.mark.parametrize(
    ("how", "kind"),
    [("bug", Unexpected), ("gone", Unavailable), ("data", InvalidArguments), ("clash", Conflict), ("not_found", NotFound)],
)
def test_failures_become_refusals(door: Door, how: str, kind: type[SaysoError]) -> None:
    assert type(refused(door, "break_down", {"how": how}, kind)) is kind


@pytest.mark.parametrize("how", ["bug", "gone", "data", "clash"])
def test_failures_tell_nothing_of_the_inside(door: Door, how: str) -> None:
    told = str(refused(door, "break_down", {"how": how}, SaysoError).body())
    assert not any(word in told for word in ("table", "10.0", "NUL", "ann@", "INSERT", "SELECT"))


def test_unexpected_error_is_logged_under_its_reference(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    reference = refused(door, "break_down", {"how": "bug"}, Unexpected).data["reference"]
    assert reference in caplog.text
    assert "secret detail" in caplog.text
