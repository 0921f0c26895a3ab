"""The tools about the workspace itself."""

from __future__ import annotations

from pydantic import Field

from kernel.call import Call
from kernel.operation import Answer, Effect, NoArguments, operation
from kernel.tenancy import Workspace, WorkspaceId


class Company(Answer):
    """A workspace."""

    company_id: WorkspaceId
    name: str
    timezone: str
    plan: str = Field(description="self_hosted or free.")


class Companies(Answer):
    """The workspaces a key may work in: always one."""

    items: list[Company]
    next_cursor: str | None = None


@operation("workspace", Effect.READ)
def list_my_companies(call: Call, asked: NoArguments) -> Companies:  # noqa: ARG001 - every operation takes both
    """List the companies this key may work in: the one it was made for."""
    mine = call.session.get_one(Workspace, call.workspace)
    return Companies(items=[Company(company_id=mine.id, name=mine.name, timezone=mine.zone, plan=mine.plan)])
