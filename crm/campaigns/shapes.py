"""What the tools answer: campaigns as the wire shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from approvals.requests import ApprovalId
from approvals.tables import Approval
from approvals.versions import newest_each
from crm.campaigns.audiences import Audience
from crm.campaigns.tables import Campaign
from kernel.call import Call
from kernel.errors import NotFound
from kernel.keys import Wire
from kernel.operation import Answer

CampaignId = Annotated[UUID, Wire("cmp")]
Status = Literal["draft", "pending", "approved", "rejected", "withdrawn", "expired", "superseded"]
NEXT: dict[str, str] = {
    "draft": "Look at it with validate_campaign, then ask with send_campaign and this campaignId.",
    "pending": "It waits for a person. Do not ask again; get_send_status tells.",
    "approved": "get_campaign_report tells how far it is.",
}
AGAIN = "It was not sent. Ask anew with send_campaign only if somebody wants it."


class CampaignShown(Answer):
    """A campaign."""

    campaign_id: CampaignId
    name: str
    status: Status = Field(description="draft until it is asked for; then what its request came to.")
    channel: str
    body: str = Field(description="The words with their gaps.")
    subject: str | None = Field(None, description="Of an e-mail.")
    audience: dict[str, Any] = Field(description="Who is meant, as it was said.")
    approval_id: ApprovalId | None = None
    created_at: datetime
    next_step: str


def audience_of(campaign: Campaign) -> Audience:
    """Who is meant."""
    said = campaign.audience
    accounts, segment = said.get("accounts"), said.get("segment")
    return Audience([UUID(one) for one in accounts] if accounts else None, UUID(segment) if segment else None, said.get("words"))


def kept_as(audience: Audience) -> dict[str, Any]:
    """The audience as its row keeps it."""
    accounts = {"accounts": [str(one) for one in audience.accounts]} if audience.accounts else {}
    segment = {"segment": str(audience.segment)} if audience.segment else {}
    return {**accounts, **segment, **({"words": audience.words} if audience.words else {})}


def campaign_of(call: Call, campaign: UUID) -> Campaign:
    """The campaign. Raises NotFound."""
    row = call.session.scalar(select(Campaign).where(Campaign.id == campaign, Campaign.workspace_id == call.workspace))
    if row is None:
        raise NotFound("There is no such campaign in this workspace.", next_step="Find it with list_campaigns.")
    return row


def shown(call: Call, found: Sequence[Campaign]) -> list[CampaignShown]:
    """The campaigns as the wire has them."""
    stands = newest_each(call.session, [one.approval_id for one in found if one.approval_id])
    rows = call.session.execute(select(Approval.id, Approval.state).where(Approval.workspace_id == call.workspace, Approval.id.in_(stands.values())))
    known = {row.id: row.state for row in rows}
    states = {asked: known[now] for asked, now in stands.items()}
    return [_shown(one, states) for one in found]


def _shown(one: Campaign, states: Mapping[UUID, str]) -> CampaignShown:
    status: Any = states.get(one.approval_id, "draft") if one.approval_id else "draft"
    return CampaignShown(
        campaign_id=one.id,
        name=one.name,
        status=status,
        channel=one.channel,
        body=one.words["body"],
        subject=one.words.get("subject"),
        audience=_said(one.audience),
        approval_id=one.approval_id,
        created_at=one.created_at,
        next_step=NEXT.get(status, AGAIN),
    )


def _said(audience: Mapping[str, Any]) -> dict[str, Any]:
    if not audience:
        return {"everybody": True}
    named = {"accountIds": len(audience["accounts"])} if "accounts" in audience else {}
    segment = {"segmentId": f"seg_{UUID(audience['segment']).hex}"} if "segment" in audience else {}
    return {**named, **segment, **({"search": audience["words"]} if "words" in audience else {})}
