"""The tool by which an agent tells whoever operates this server that something does not work."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from crm.access.tables import AgentIssue
from kernel.call import Call
from kernel.errors import Forbidden, RateLimited
from kernel.keys import Wire, new_id, show
from kernel.operation import Answer, AskedOnce, Effect, operation
from outbox.content import OneLine, Readable

log = logging.getLogger("sayso.issues")
IssueId = Annotated[UUID, Wire("iss")]
Area = Literal["registration", "workspace", "plan", "contacts", "bookings", "messaging", "payments", "channels", "other"]
Words = Annotated[Readable, Field(max_length=2000)]
A_DAY = timedelta(days=1)
MOST_A_DAY = 20


class TooManyIssues(RateLimited):
    """This company has reported as many issues today as are taken."""

    code = "too_many_issues"
    next_step = "Tell a person of the company; more can be reported tomorrow."


class KeyNeeded(Forbidden):
    """An agent reports issues with its own key."""

    code = "key_needed"
    next_step = "Call it with an API key."


class ReportAgentIssue(AskedOnce):
    """What does not work."""

    title: OneLine = Field(min_length=1, max_length=200, description="In a line; nothing about customers.")
    severity: Literal["low", "medium", "high", "critical"] = Field("medium", description="How bad.")
    area: Area = Field("other", description="What it is about.")
    tool_name: OneLine | None = Field(None, max_length=80, description="Which tool.")
    expected_behavior: Words | None = Field(None, description="What should have happened.")
    actual_behavior: Words = Field(min_length=1, description="What happened; with its code or reference.")
    steps_tried: list[Words] = Field([], max_length=20, description="What you tried.")


class ReportedIssue(Answer):
    """It is kept."""

    issue_id: IssueId = Field(description="How to name it.")
    status: str
    next_step: str


@operation(
    "workspace",
    Effect.WRITE,
    example={"title": "Slots on Sundays", "severity": "low", "area": "bookings", "actualBehavior": "get_available_slots answers Sunday though it is closed."},
)
def report_agent_issue(call: Call, asked: ReportAgentIssue) -> ReportedIssue:
    """Report to the operator of this server that something does not work as described; never anything about a customer."""
    if call.caller.kind != "agent" or call.caller.id is None:
        raise KeyNeeded
    mine = (AgentIssue.workspace_id == call.workspace, AgentIssue.created_at > call.moment - A_DAY)
    if (call.session.scalar(select(func.count()).select_from(AgentIssue).where(*mine)) or 0) >= MOST_A_DAY:
        raise TooManyIssues
    told: dict[str, Any] = asked.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"idempotency_key", "title", "severity", "area"})
    row = {"severity": asked.severity, "area": asked.area, "title": asked.title, "told": told}
    issue = AgentIssue(id=new_id(), workspace_id=call.workspace, key_id=call.caller.id, created_at=call.moment, **row)
    call.session.add(issue)
    log.warning("issue %s reported: %s, %s; read it with: sayso issues", show("iss", issue.id), asked.severity, asked.area)
    return ReportedIssue(
        issue_id=issue.id, status="reported", next_step="Go on another way, or tell a person; the operator reads it, and does not answer here."
    )
