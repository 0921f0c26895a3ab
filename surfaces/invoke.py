"""The only way in: find the operation, check the scope, validate, run it in one transaction, and dump the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar, runtime_checkable
from uuid import UUID

from crm.plans.gate import metered
from kernel import clock
from kernel.arguments import plain, validated
from kernel.call import Call, Caller
from kernel.errors import AuthRequired, InvalidArguments
from kernel.operation import LONGEST_WAIT, Answer, Asked, Effect, Operation, find
from kernel.traces import Span
from outbox.idempotency import Keyed, once
from surfaces.auth import allows, lacking
from surfaces.door import Door
from surfaces.faults import UnknownOperation, told

T = TypeVar("T")
NOWHERE = UUID(int=0)
"""The workspace of a public call without a key: no row belongs to it."""
BESIDE = {"idempotency_key", "wait_seconds"}
"""Arguments that say how to call, not what to do: a retry that differs only in these is the same call."""


@runtime_checkable
class Renewable(Protocol):
    """The answer of a writing operation that can be read again, so that a caller may wait without anything being written twice."""

    def renewed(self, call: Call) -> Self:
        """The same answer as things stand now."""
        ...


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation answered; `answer` is None when it was replayed from an earlier call."""

    structured: dict[str, Any]
    replayed: bool = False
    answer: Answer | None = None
    patience: float = 0.0
    """For how many seconds the caller would rather wait than be told that it is pending."""

    def body(self) -> dict[str, Any]:
        """The answer on the wire."""
        return {**self.structured, "replayed": True} if self.replayed else self.structured

    def is_waiting(self) -> bool:
        """Whether a newer answer may come soon."""
        return self.answer is not None and self.answer.is_waiting()


def invoke(door: Door, caller: Caller, workspace: UUID | None, name: str, raw: dict[str, Any]) -> Done:
    """Run the operation once for this caller; raises nothing but a SaysoError."""
    with told():
        operation = permitted(caller, name)
        asked = validated(operation, raw)

        def within_plan(call: Call) -> Done:
            with metered(call, operation):
                return _run(operation, call, asked)

        with Span(f"tool {operation.name}"):
            return _in_transaction(door, caller, workspace, within_plan)


def look_again(door: Door, caller: Caller, workspace: UUID | None, name: str, raw: dict[str, Any]) -> Done:
    """Run a reading operation once more for a caller who waits: to the caller, and to its plan, that is one call."""
    with told():
        operation = permitted(caller, name)
        asked = validated(operation, raw)
        return _in_transaction(door, caller, workspace, lambda call: _run(operation, call, asked))


def renew(door: Door, caller: Caller, workspace: UUID | None, done: Done) -> Done:
    """The answer of a writing operation as things stand now; the operation itself is not run again."""
    answer = done.answer
    if not isinstance(answer, Renewable):
        return done
    with told():
        newer = _in_transaction(door, caller, workspace, answer.renewed)
        return Done(dump(newer), answer=newer, patience=done.patience)


def permitted(caller: Caller, name: str) -> Operation:
    """The operation with this name or alias, if the caller may call it."""
    operation = find(name)
    if operation is None:
        msg = f"There is no operation '{plain(name)}'."
        raise UnknownOperation(msg)
    if allows(caller, operation):
        return operation
    if caller.kind == "public":
        msg = f"{operation.name} needs an API key."
        raise AuthRequired(msg)
    raise lacking(caller, operation)


def dump(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values under their wire names."""
    return answer.model_dump(by_alias=True, mode="json")


def _in_transaction(door: Door, caller: Caller, workspace: UUID | None, work: Callable[[Call], T]) -> T:
    with door.database.transaction(workspace=workspace) as session:
        return work(Call(session, caller, workspace or NOWHERE, clock.now(), door.settings))


def _run(operation: Operation, call: Call, asked: Asked) -> Done:
    key = getattr(asked, "idempotency_key", None)
    if key:
        return _run_once(operation, call, asked, key)
    answer = operation.run(call, asked)
    return Done(dump(answer), answer=answer, patience=_patience(operation, answer, asked))


def _run_once(operation: Operation, call: Call, asked: Asked, key: str) -> Done:
    if call.workspace == NOWHERE:
        msg = "'idempotencyKey' needs an API key: without one there is no workspace to remember it in."
        raise InvalidArguments(msg)
    answers: list[Answer] = []

    def run() -> dict[str, Any]:
        answers.append(operation.run(call, asked))
        return dump(answers[-1])

    request = asked.model_dump(by_alias=True, mode="json", exclude=BESIDE)
    structured, replayed = once(call.session, call.workspace, Keyed(call.caller.id, key, operation.name, request), run)
    if replayed or not answers:
        return Done(structured, replayed=True)
    return Done(structured, answer=answers[-1], patience=_patience(operation, answers[-1], asked))


def _patience(operation: Operation, answer: Answer, asked: Asked) -> float:
    """Only a read is repeated while the caller waits; a write is waited for when its answer can be renewed without it."""
    if operation.effect is not Effect.READ and not isinstance(answer, Renewable):
        return 0.0
    return max(0.0, min(float(getattr(asked, "wait_seconds", None) or 0), LONGEST_WAIT))
