"""The tools around a say-so: ask for it, look after it, take it back; none of them can give it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self, cast
from uuid import UUID

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import override

from approvals import gate, requests, versions
from approvals.requests import ApprovalId, Decision, Pending, Shown
from kernel.arguments import validated
from kernel.call import Asking, Call
from kernel.errors import InvalidArguments, NotFound, ScopeMissing
from kernel.operation import LONGEST_WAIT, REGISTRY, Answer, Asked, AskedOnce, Effect, Operation, find, operation
from outbox import sends
from outbox.sends import IntentId, Send
from outbox.states import SETTLED


def gated() -> dict[str, Operation]:
    """The operations that answer with a pending approval; their names are the action types."""
    return {name: op for name, op in sorted(REGISTRY.items()) if op.answer is Pending and op.asked is not RequestSendApproval}


class ActionType(str):
    """The name of a gated operation."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Any text here; what it names is looked up when it is asked for."""
        return handler(str)

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One of the names in the registry."""
        return {"type": "string", "enum": list(gated())}


class Payload(dict[str, Any]):
    """The arguments of the gated operation; its schema is the union of theirs, read from the registry.

    The union stands in here and not at the root beside actionType: models' own interfaces refuse a tool with one at its root.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Any object here; the chosen operation's own model validates it."""
        return handler(dict[str, Any])

    @classmethod
    def __get_pydantic_json_schema__(cls, _core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """One alternative per gated operation, each saying for which."""
        return {"anyOf": [_arguments_of(op, handler) for op in gated().values()]}


def _arguments_of(op: Operation, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """Its arguments, without what the outer tool already says: the model's own prose and its idempotency key."""
    schema = handler.resolve_ref_schema(handler(op.asked.__pydantic_core_schema__))
    kept = {name: field for name, field in schema.get("properties", {}).items() if name != "idempotencyKey"}
    described = {"description": f"For actionType {op.name}.", "type": "object", "properties": kept}
    return {**described, "required": schema.get("required", []), "additionalProperties": False}


class RequestSendApproval(AskedOnce):
    """What to send, and the words that go beside it."""

    action_type: ActionType = Field(description="The gated operation.")
    payload: Payload = Field(description="The arguments of that operation.")
    summary: str | None = Field(None, max_length=500, description="Why, in your own words; shown to the approver as yours.")
    thread_id: str | None = Field(None, max_length=100, description="Your conversation, to find this again.")
    agent_id: str | None = Field(None, max_length=100, description="Which of your agents asks.")
    expires_in_minutes: int | None = Field(None, ge=1, le=72 * 60, description="How long it may wait for a decision (default 24 h).")


@operation(
    "messaging",
    Effect.SEND,
    example={"actionType": "send_sms", "payload": {"to": "+447400123456", "body": "Your table is ready."}, "summary": "They asked to be told."},
)
def request_send_approval(call: Call, asked: RequestSendApproval) -> Pending:
    """Ask a person to approve a send. Nothing leaves until they do; then ask get_send_status."""
    chosen = gated().get(getattr(find(asked.action_type), "name", ""))
    if chosen is None:
        raise InvalidArguments(f"actionType must be one of: {', '.join(gated())}")
    if chosen.scope not in call.caller.scopes:
        raise ScopeMissing(f"This key lacks the scope '{chosen.scope}' that {chosen.name} needs.", scope=chosen.scope)
    given = {name: value for name, value in asked.payload.items() if name != "idempotencyKey"}
    asking = Asking(
        summary=asked.summary,
        thread_id=asked.thread_id,
        agent_id=asked.agent_id,
        expires_in=timedelta(minutes=asked.expires_in_minutes) if asked.expires_in_minutes else None,
    )
    return cast("Pending", chosen.run(call.asking_for(asking), validated(chosen, given)))


class GetSendStatus(Asked):
    """Which send."""

    approval_id: ApprovalId | None = Field(None, description="From request_send_approval or a direct send tool.")
    intent_id: IntentId | None = Field(None, description="One send of it.")
    wait_seconds: int = Field(0, ge=0, le=LONGEST_WAIT, description="Wait up to so long for it to settle.")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.intent_id is None) == (self.approval_id is None):
            msg = "give either approvalId or intentId"
            raise ValueError(msg)
        return self


class SendStatus(Answer):
    """Where it stands."""

    status: str = Field(description="held (a person has not decided), a final decision, or the state of the send; mixed when several differ.")
    approval: Decision | None = Field(None, description="When asked by approvalId, or when a person edited it.")
    sends: list[Send] = Field(description="Each send; none of those that go to many: approval.bulk counts them.")
    next_step: str

    @override
    def is_waiting(self) -> bool:
        """Until it settles."""
        if self.approval and self.approval.bulk and self.approval.bulk.is_settled:
            return False
        return self.status not in {*SETTLED, "withdrawn", "in_doubt"}

    @override
    def waits_for(self) -> UUID | None:
        """The request, while it is pending."""
        return self.approval.approval_id if self.approval and self.approval.state == "pending" else None


NEXT = {
    "held": "Held for a person. Do not send it again; ask again later.",
    "in_doubt": "The provider may or may not have taken it. Do not send it again; evidence or a person settles it.",
    "rejected": "A person said no. Read the reason; do not send it again unchanged.",
    "expired": "Nobody decided in time. Ask anew only if it still matters.",
    "failed": "The provider refused it. Read the reason, correct it and ask anew.",
    "suppressed": "The recipient must not be messaged on this channel.",
}
EDITED = "A person changed the words: read approval.edits, and go by this approvalId. "


@operation("messaging", Effect.READ, example={"approvalId": "apr_01990000000070008000000000000000", "waitSeconds": 10})
def get_send_status(call: Call, asked: GetSendStatus) -> SendStatus:
    """Tell where a send stands: held, rejected with the reason, sent, delivered, or in doubt. Never resend by yourself."""
    standing = _standing(call, asked)
    approval = requests.read(call.session, call.workspace, standing) if standing else None
    found = approval.sends if approval else sends.find(call.session, call.workspace, [asked.intent_id] if asked.intent_id else [])
    if approval is None and not found:
        raise NotFound
    status = _status(approval, found)
    said = EDITED if approval and approval.edits else ""
    return SendStatus(
        status=status,
        approval=approval and approval.decision(),
        sends=[] if approval and approval.bulk else found,
        next_step=said + NEXT.get(status, "Nothing to do."),
    )


def _standing(call: Call, asked: GetSendStatus) -> UUID | None:
    """The approval to tell of: the version that stands, also when the id of an edited one is asked for."""
    if asked.approval_id:
        return versions.newest(call.session, asked.approval_id)
    edited = versions.newest_of(call.session, call.workspace, asked.intent_id) if asked.intent_id else None
    return edited and edited[0]


def _status(approval: Shown | None, found: list[Send]) -> str:
    if approval and approval.state == "withdrawn":
        return "withdrawn"
    states = set(approval.bulk.states) if approval and approval.bulk else {send.state for send in found}
    return states.pop() if len(states) == 1 else "mixed"


class ListPendingApprovals(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, oldest first.")
    cursor: ApprovalId | None = Field(None, description="nextCursor of the page before.")


class PendingApprovals(Answer):
    """What waits for a person."""

    items: list[Decision]
    next_cursor: ApprovalId | None = None


@operation("messaging", Effect.READ)
def list_pending_approvals(call: Call, asked: ListPendingApprovals) -> PendingApprovals:
    """List what waits for a person's decision in your workspace."""
    waiting = requests.pending(call.session, call.workspace, asked.limit + 1, asked.cursor)
    page = [shown.decision() for shown in waiting[: asked.limit]]
    return PendingApprovals(items=page, next_cursor=page[-1].approval_id if len(waiting) > len(page) else None)


class WithdrawSendRequest(Asked):
    """Which request."""

    approval_id: ApprovalId = Field(description="From request_send_approval.")


class Withdrawn(Answer):
    """It will not be sent."""

    approval_id: ApprovalId
    status: str = "withdrawn"


@operation("messaging", Effect.DESTROY, example={"approvalId": "apr_01990000000070008000000000000000"})
def withdraw_send_request(call: Call, asked: WithdrawSendRequest) -> Withdrawn:
    """Take a pending request back, so that nobody needs to decide it and nothing is sent."""
    gate.withdraw(call, asked.approval_id)
    return Withdrawn(approval_id=asked.approval_id)
