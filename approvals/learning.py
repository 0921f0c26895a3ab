"""How an agent learns of a decision: one request as it stands, or as soon as a person has decided it."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field
from typing_extensions import override

from approvals import requests
from approvals.requests import ApprovalId, Decision
from approvals.versions import newest
from kernel.call import Call
from kernel.operation import LONGEST_WAIT, Asked, Effect, operation
from outbox.content import Preview

NEXT = {
    "pending": "Held for a person. Do not send it again; ask again later.",
    "approved": "A person said yes. Ask get_send_status what became of it.",
    "rejected": "A person said no. Read the reason; do not send it again unchanged.",
    "expired": "Nobody decided in time. Ask anew only if it still matters.",
}


class GetApproval(Asked):
    """Which request."""

    approval_id: ApprovalId = Field(description="From request_send_approval or a direct send tool.")
    wait_seconds: int = Field(0, ge=0, le=LONGEST_WAIT, description="Wait up to so long for a decision.")


class Approval(Decision):
    """A request, and what it would send."""

    preview: list[Preview] = Field(description="What is shown to the decider, as it would leave.")
    next_step: str

    @override
    def is_waiting(self) -> bool:
        """Until it is decided."""
        return self.state == "pending"

    @override
    def waits_for(self) -> UUID | None:
        """This request, while it is pending."""
        return self.approval_id if self.is_waiting() else None


@operation("messaging", Effect.READ, example={"approvalId": "apr_01990000000070008000000000000000", "waitSeconds": 10})
def get_approval(call: Call, asked: GetApproval) -> Approval:
    """Tell how a request stands: pending, or who decided what, why, and with which changes. It sends and decides nothing."""
    shown = requests.read(call.session, call.workspace, newest(call.session, asked.approval_id))
    decision = shown.decision()
    given = {name: getattr(decision, name) for name in Decision.model_fields}
    return Approval(**given, preview=shown.preview, next_step=NEXT.get(decision.state, "Nothing to do."))
