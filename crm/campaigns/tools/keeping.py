"""The tools that keep a campaign before it is asked for, look at it, and report what became of it."""

from __future__ import annotations

from typing import Any, cast

from pydantic import AwareDatetime, Field
from sqlalchemy import select

from approvals import manifests
from approvals.costs import Cost, costing
from approvals.facts import gather
from approvals.forecasts import Leaving, departures
from approvals.gate import preview_of
from approvals.mailings import Mailing, draw
from approvals.requests import ApprovalId, read
from approvals.versions import newest
from crm.campaigns.audiences import MOST, chosen, said
from crm.campaigns.shapes import CampaignId, CampaignShown, audience_of, campaign_of, kept_as, shown
from crm.campaigns.tables import Campaign
from crm.campaigns.words import check, words_of, written
from crm.contacts.segments import SegmentId, segment_of
from crm.contacts.shapes import AccountId
from crm.messages.tools import SEND_AT, check_moment
from crm.templates.tools import TemplateId
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.keys import new_id, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Channel, OneLine, Preview
from outbox.events import Actor, happened, note

WHICH = "From create_campaign or list_campaigns."
EXAMPLE = {"campaignId": "cmp_01990000000070008000000000000000"}


class CreateCampaign(AskedOnce):
    """Words and who is meant."""

    name: OneLine = Field(min_length=1, max_length=120, description="What you call it; the customers do not read it.")
    channel: Channel = Field(description="whatsapp, sms or email.")
    template_id: TemplateId | None = Field(None, description="Says the template's newest version; or give body.")
    body: str | None = Field(None, description="The text; {{first_name}}, {{customer_name}} and {{business}} are filled.")
    subject: str | None = Field(None, description="For e-mail only, and needed there.")
    account_ids: list[AccountId] | None = Field(None, min_length=1, max_length=MOST, description="The customers; or give segmentId, search or everybody.")
    segment_id: SegmentId | None = Field(None, description="Who meets this segment when it is asked for.")
    search: str | None = Field(None, min_length=1, max_length=120, description="Everybody whom search_members finds by this.")
    everybody: bool = Field(default=False, description="All customers.")


@operation("messaging", Effect.WRITE, example={"name": "Spring offer", "channel": "sms", "body": "Two for one, {{first_name}}.", "everybody": True})
def create_campaign(call: Call, asked: CreateCampaign) -> CampaignShown:
    """Keep a campaign, to look at it before asking for it. Nothing is sent."""
    audience = said(asked.account_ids, asked.segment_id, asked.search, everybody=asked.everybody)
    if asked.segment_id:
        segment_of(call, asked.segment_id)
    words = words_of(call, asked.channel, asked.template_id, asked.body, asked.subject)
    check(asked.channel, words)
    row = Campaign(id=new_id(), workspace_id=call.workspace, name=asked.name, channel=asked.channel, words=words, written_by=call.caller.shown())
    row.audience = kept_as(audience)
    call.session.add(row)
    call.session.flush()
    happened(call, "campaign.created", show("cmp", row.id))
    note(call.session, Actor.of(call), "campaign.created", show("cmp", row.id))
    return shown(call, [row])[0]


class ValidateCampaign(Asked):
    """Which campaign, and when."""

    campaign_id: CampaignId = Field(description=WHICH)
    send_at: AwareDatetime | None = Field(None, description=SEND_AT)


class CampaignChecked(Answer):
    """What asking for it now would come to."""

    campaign_id: CampaignId
    meant: int = Field(description="How many customers are meant.")
    count: int = Field(description="How many would get it.")
    excluded: dict[str, int] = Field(description="How many would be left out, by why.")
    segments: int | None = Field(None, description="SMS segments of all of them.")
    cost: Cost = Field(description="About what it costs, by the words that each would get.")
    leaves: list[Leaving] = Field(description="When it would leave, by the recipients' clocks, were it approved at once.")
    preview: list[Preview] = Field(description="The first three.")
    next_step: str


@operation("messaging", Effect.READ, example=EXAMPLE)
def validate_campaign(call: Call, asked: ValidateCampaign) -> CampaignChecked:
    """Show what asking for a campaign now would come to: how many get it, who is left out and why, its cost, when it leaves. Nothing is sent."""
    check_moment(call, asked.send_at)
    kept = campaign_of(call, asked.campaign_id)
    channel = cast("Channel", kept.channel)
    accounts = chosen(call, audience_of(kept))
    drawn = draw(call, Mailing(kept.name, channel, asked.send_at), written(call, channel, kept.words, accounts))
    previews = [preview_of(draft) for draft in drawn.drafts]
    facts, _ = gather(call, "send_campaign", drawn.drafts)
    return CampaignChecked(
        campaign_id=kept.id,
        meant=len(accounts),
        count=len(previews),
        excluded=drawn.excluded(),
        segments=sum(one.segments or 0 for one in previews) if channel == "sms" else None,
        cost=costing(call.session, call.workspace, facts),
        leaves=departures(call, asked.send_at, drawn.drafts),
        preview=previews[: manifests.SHOWN],
        next_step="Ask with send_campaign and this campaignId." if previews else "Nobody would get it: choose others, or another channel.",
    )


class ListCampaigns(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, newest first.")
    cursor: CampaignId | None = Field(None, description="nextCursor of the page before.")


class Campaigns(Answer):
    """A page of campaigns."""

    items: list[CampaignShown]
    next_cursor: CampaignId | None = None


@operation("messaging", Effect.READ)
def list_campaigns(call: Call, asked: ListCampaigns) -> Campaigns:
    """List the campaigns that were created, newest first, with what their requests came to."""
    mine = [Campaign.workspace_id == call.workspace, *([Campaign.id < asked.cursor] if asked.cursor else [])]
    found = call.session.scalars(select(Campaign).where(*mine).order_by(Campaign.id.desc()).limit(asked.limit + 1)).all()
    page = shown(call, found[: asked.limit])
    return Campaigns(items=page, next_cursor=page[-1].campaign_id if len(found) > len(page) else None)


class GetCampaignReport(Asked):
    """Which campaign."""

    campaign_id: CampaignId | None = Field(None, description=WHICH)
    approval_id: ApprovalId | None = Field(None, description="For one that was sent without create_campaign.")


class CampaignReport(Answer):
    """What became of a campaign."""

    approval_id: ApprovalId
    name: str = Field(description="What it is called.")
    decision: str = Field(description="pending, approved, rejected, withdrawn, expired or superseded.")
    count: int = Field(description="How many messages; the states add up to it.")
    excluded: dict[str, int] = Field(description="How many were left out, by why.")
    states: dict[str, int] = Field(description="How many stand in which state.")
    delivery_rate: float | None = Field(description="delivered over delivered, undelivered and failed; null before the first.")
    is_settled: bool = Field(description="Whether nothing more is expected by itself.")


@operation("messaging", Effect.READ, example=EXAMPLE)
def get_campaign_report(call: Call, asked: GetCampaignReport) -> CampaignReport:
    """Report what became of a campaign: decided, sent, delivered, failed, opted out meanwhile."""
    if (asked.campaign_id is None) == (asked.approval_id is None):
        raise InvalidArguments("Give either `campaignId` or `approvalId`.")
    approval = asked.approval_id or campaign_of(call, cast("Any", asked.campaign_id)).approval_id
    if approval is None:
        raise InvalidArguments("This campaign was not asked for yet.", next_step="Ask with send_campaign and its campaignId.")
    found = read(call.session, call.workspace, newest(call.session, approval))
    if found.bulk is None:
        raise InvalidArguments("This request goes to one recipient.", next_step="Ask get_send_status about it.")
    states = found.bulk.states
    over = sum(states.get(one, 0) for one in ("delivered", "undelivered", "failed"))
    return CampaignReport(
        approval_id=found.approval_id,
        name=found.bulk.name,
        decision=found.state,
        count=found.bulk.count,
        excluded=found.bulk.excluded,
        states=states,
        delivery_rate=round(states.get("delivered", 0) / over, 4) if over else None,
        is_settled=found.bulk.is_settled,
    )
