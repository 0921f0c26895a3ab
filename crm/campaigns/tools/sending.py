"""The tools that ask to send a campaign, or one copy of it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select

from approvals.gate import Draft, submit
from approvals.mailings import Mailing, submit_many
from approvals.requests import Pending, read
from approvals.versions import newest
from crm.campaigns.audiences import MOST, chosen, said
from crm.campaigns.shapes import CampaignId, audience_of
from crm.campaigns.tables import Campaign
from crm.campaigns.words import check, copied, with_way_out, words_of, written
from crm.contacts.segments import SegmentId
from crm.contacts.shapes import AccountId, account_of
from crm.messages.tools import SEND_AT, check_moment, recipient_of
from crm.templates.tools import TemplateId
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import show
from kernel.operation import AskedOnce, Effect, operation
from outbox.content import Channel, OneLine, kind_saying

CUSTOMERS = "The customers; or give segmentId, search or everybody."
WORDS = "The text; {{first_name}}, {{customer_name}} and {{business}} are filled. SMS and WhatsApp take 1600 characters."
OVER = frozenset({"rejected", "withdrawn", "expired"})
"""After these a campaign may be asked for anew."""


class AskedAlready(Conflict):
    """This campaign was asked for already."""

    code = "campaign_asked_already"
    next_step = "Read get_campaign_report. To send the same again, create another campaign."


class SendCampaign(AskedOnce):
    """One message to many customers: a campaign that was created, or all of it here."""

    campaign_id: CampaignId | None = Field(None, description="From create_campaign; or give name, channel, body and who is meant.")
    name: OneLine | None = Field(None, min_length=1, max_length=120, description="What you call it; the customers do not read it.")
    channel: Channel | None = Field(None, description="whatsapp, sms or email.")
    body: str | None = Field(None, description=WORDS)
    subject: str | None = Field(None, description="For e-mail only, and needed there.")
    account_ids: list[AccountId] | None = Field(None, min_length=1, max_length=MOST, description=CUSTOMERS)
    segment_id: SegmentId | None = Field(None, description="Who meets this segment now.")
    search: str | None = Field(None, min_length=1, max_length=120, description="Everybody whom search_members finds by this.")
    everybody: bool = Field(default=False, description="All customers.")
    send_at: AwareDatetime | None = Field(None, description=SEND_AT)


@operation("messaging", Effect.SEND, example={"name": "Spring offer", "channel": "sms", "body": "Two for one on Monday.", "search": "park"})
def send_campaign(call: Call, asked: SendCampaign) -> Pending:
    """Ask to send one message to many customers. A person approves the whole list at once; it starts 10 s later and can be undone till then."""
    check_moment(call, asked.send_at)
    if asked.campaign_id is None:
        return _send_inline(call, asked)
    if asked.model_dump(exclude_defaults=True).keys() - {"campaign_id", "send_at", "idempotency_key"}:
        raise InvalidArguments("Give `campaignId` alone, or all of it here.")
    return _send_kept(call, asked, asked.campaign_id)


def _send_inline(call: Call, asked: SendCampaign) -> Pending:
    if asked.name is None or asked.channel is None or asked.body is None:
        raise InvalidArguments("Give `name`, `channel` and `body`, or a `campaignId`.")
    words = words_of(call, asked.channel, None, asked.body, asked.subject)
    meant = written(call, asked.channel, words, chosen(call, said(asked.account_ids, asked.segment_id, asked.search, everybody=asked.everybody)))
    return submit_many(call, "send_campaign", Mailing(asked.name, asked.channel, asked.send_at), meant)


def _send_kept(call: Call, asked: SendCampaign, campaign: UUID) -> Pending:
    kept = call.session.scalar(select(Campaign).where(Campaign.id == campaign, Campaign.workspace_id == call.workspace).with_for_update())
    if kept is None:
        raise NotFound("There is no such campaign in this workspace.", next_step="Find it with list_campaigns.")
    if kept.asked_at and (kept.approval_id is None or read(call.session, call.workspace, newest(call.session, kept.approval_id)).state not in OVER):
        raise AskedAlready(approvalId=show("apr", kept.approval_id) if kept.approval_id else None)
    channel = cast("Channel", kept.channel)
    meant = written(call, channel, kept.words, chosen(call, audience_of(kept)))
    pending = submit_many(call, "send_campaign", Mailing(kept.name, channel, asked.send_at), meant)
    kept.approval_id, kept.asked_at = pending.approval_id, call.moment
    call.session.flush()
    return pending


class SendTestCampaign(AskedOnce):
    """One copy of a campaign."""

    name: OneLine = Field(min_length=1, max_length=120, description="What you call it.")
    channel: Channel = Field(description="whatsapp, sms or email.")
    body: str | None = Field(None, description=WORDS)
    template_id: TemplateId | None = Field(None, description="Says the template's newest version; or give body.")
    variables: dict[str, str] | None = Field(None, description="Your own words for variables; others are the customer's, or in brackets: [first name].")
    subject: str | None = Field(None, description="For e-mail only, and needed there.")
    account_id: AccountId | None = Field(None, description="Who gets the copy; or give `to`.")
    to: str | None = Field(None, max_length=254, description="Phone number (E.164) or e-mail address of who gets the copy.")


@operation("messaging", Effect.SEND, example={"name": "Spring offer", "channel": "sms", "body": "Two for one on Monday.", "to": "+447400123456"})
def send_test_campaign(call: Call, asked: SendTestCampaign) -> Pending:
    """Ask to send one copy of a campaign to one address, to see how it arrives. It is held until a person approves."""
    words = words_of(call, asked.channel, asked.template_id, asked.body, asked.subject)
    recipient = recipient_of(call, asked.channel, asked.to, asked.account_id)
    check(asked.channel, words)
    copy = copied(call, words, account_of(call, asked.account_id) if asked.account_id else None, asked.variables or {})
    said = with_way_out(call, recipient, copy) if asked.channel == "email" else copy
    return submit(call, "send_test_campaign", [Draft(fitted(kind_saying(asked.channel, said), {"to": recipient, **said}))])
