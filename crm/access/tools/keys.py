"""The tools about the workspace itself and its keys."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from approvals.operating import OPERATE, person_of
from approvals.resolve import MayNotOperate
from crm.access import keys
from crm.access.keys import KeyId
from kernel.call import Call
from kernel.errors import NotFound
from kernel.keys import show
from kernel.operation import Answer, Asked, Effect, NoArguments, operation
from kernel.tenancy import Workspace, WorkspaceId
from outbox.events import Actor, note


class Company(Answer):
    """A workspace."""

    company_id: WorkspaceId
    name: str
    timezone: str
    country: str | None = Field(None, description="Two letters (ISO 3166).")
    plan: str = Field(description="self_hosted or free.")


class Companies(Answer):
    """The workspaces a key may work in: always one."""

    items: list[Company]
    next_cursor: str | None = None


@operation("workspace", Effect.READ)
def list_my_companies(call: Call, asked: NoArguments) -> Companies:  # noqa: ARG001 - every operation takes both
    """List the companies this key may work in: the one it was made for."""
    return Companies(items=[_mine(call)])


def _mine(call: Call) -> Company:
    mine = call.session.get_one(Workspace, call.workspace)
    return Company(company_id=mine.id, name=mine.name, timezone=mine.zone, country=mine.country, plan=mine.plan)


class SwitchCompany(Asked):
    """Which company."""

    company_id: WorkspaceId = Field(description="From list_my_companies.")


class CompanyChosen(Answer):
    """The company that every call with this key works in."""

    company: Company = Field(description="Its facts.")
    next_step: str


@operation("workspace", Effect.READ, example={"companyId": "org_01990000000070008000000000000000"})
def switch_company(call: Call, asked: SwitchCompany) -> CompanyChosen:
    """Say which company to work in. A key works in the one it was made for; for another, use a key of that one."""
    if asked.company_id != call.workspace:
        raise NotFound("This key works in one company, and not in that one.", next_step="Use a key of that company; list_my_companies shows this one's.")
    return CompanyChosen(company=_mine(call), next_step="You work in it already.")


class ShownKey(Answer):
    """A key, never its secret."""

    key_id: KeyId
    name: str
    masked: str = Field(description="How it begins and ends.")
    scopes: list[str] = Field(description="What it may do.")
    created_at: datetime
    revoked_at: datetime | None = None


class ShownKeys(Answer):
    """The keys of a workspace."""

    items: list[ShownKey]


class ListApiKeys(Asked):
    """Which keys."""

    limit: int = Field(50, ge=1, le=100, description="How many, newest first.")


@operation("workspace", Effect.READ)
def list_api_keys(call: Call, asked: ListApiKeys) -> ShownKeys:
    """List your workspace's agent keys, revoked ones too; never their secrets."""
    if call.caller.kind == "person" and OPERATE not in call.caller.scopes:
        raise MayNotOperate
    found = keys.newest(call.session, call.workspace, asked.limit)
    return ShownKeys(
        items=[
            ShownKey(
                key_id=key.id,
                name=key.name,
                masked=f"{keys.PREFIX}…{key.last_four}",
                scopes=key.scopes,
                created_at=key.created_at,
                revoked_at=key.revoked_at,
            )
            for key in found
        ],
    )


class RevokeApiKey(Asked):
    """Which key."""

    key_id: KeyId = Field(description="From list_api_keys.")


class RevokedKey(Answer):
    """It opens nothing any more."""

    key_id: KeyId
    status: str = "revoked"


@operation("workspace", Effect.DESTROY, operated=True, example={"keyId": "key_01990000000070008000000000000000"})
def revoke_api_key(call: Call, asked: RevokeApiKey) -> RevokedKey:
    """End an agent key at once, your own too, and hold whatever it asked for that has not left yet."""
    if call.caller.kind == "person" and not person_of(call).may_decide:
        raise MayNotOperate
    if not keys.revoke(call.session, call.workspace, asked.key_id):
        msg = "There is no such live key in this workspace."
        raise NotFound(msg)
    note(call.session, Actor.of(call), "key.revoked", show("key", asked.key_id))
    return RevokedKey(key_id=asked.key_id)
