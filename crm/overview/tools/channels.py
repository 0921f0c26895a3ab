"""The tools about the channels by which customers are reached: whether each is connected, and how it does."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from approvals.standstill import LaneState, lanes_of, pauses
from kernel.call import Call
from kernel.operation import Answer, Asked, Effect, NoArguments, operation
from kernel.settings import Channel
from outbox.accounts import account_of, provider_of
from outbox.senders import account_for, own

Health = Literal["open", "slowed", "resting", "paused", "sandbox"]
Whose = Literal["own", "installation"]
WHOSE = "own: connected by the business; installation: shared by all on this server."
TESTED = "Its test is under way: look again in a few seconds."
PAGE = "/portal/settings/channels"
SET_UP = "An owner or a manager signs in there and connects the business's own Twilio account; never ask for its auth token yourself."


class WhatsAppConnection(Answer):
    """Whether customers can be written to by WhatsApp."""

    status: Literal["connected", "sandbox"] = Field(description="sandbox: nothing leaves this server.")
    provider: str
    account: Whose = Field(description=WHOSE)
    sender: str = Field(description="The number that customers see.")
    health: Health = Field(description="open, slowed, resting, paused, or sandbox.")
    next_step: str


@operation("workspace", Effect.READ)
def get_whatsapp_connection_status(call: Call, asked: NoArguments) -> WhatsAppConnection:  # noqa: ARG001 - every operation takes both
    """Say whether WhatsApp is connected, from which number, and how it does."""
    health = _health(call, "whatsapp")
    connected = health.provider != "sandbox"
    advice = "Ask to send with send_whatsapp_message." if connected else "Connect it: create_whatsapp_connect_link."
    return WhatsAppConnection(
        status="connected" if connected else "sandbox",
        provider=health.provider,
        account=health.account,
        sender=health.sender,
        health=health.status,
        next_step=_advice(call, "whatsapp") or advice,
    )


class CreateWhatsAppConnectLink(Asked):
    """How the number is to be used."""

    onboarding_mode: Literal["cloud_api", "coexistence"] = Field(
        "cloud_api", description="cloud_api: the number is used here alone; coexistence: in the WhatsApp Business app too."
    )


class ConnectLink(Answer):
    """Where a person goes on."""

    url: str = Field(description="The portal's page of channels; a person signs in there.")
    onboarding_mode: str = Field(description="As asked.")
    next_step: str


@operation("workspace", Effect.SET, example={"onboardingMode": "cloud_api"})
def create_whatsapp_connect_link(call: Call, asked: CreateWhatsAppConnectLink) -> ConnectLink:
    """Give the address of the portal's page where a person sees how WhatsApp is connected; it connects nothing by itself."""
    return ConnectLink(url=f"{call.settings.base_url}{PAGE}", onboarding_mode=asked.onboarding_mode, next_step=f"Give the address to the user. {SET_UP}")


class ChannelHealth(Answer):
    """How a channel does."""

    channel: Channel
    provider: str
    account: Whose = Field(description=WHOSE)
    sender: str
    note: str | None = Field(None, description="What is wrong with an account of your own that is not used yet, or not let in any more.")
    status: Health = Field(description="open, slowed, resting, paused, or sandbox: nothing leaves this server.")
    reason: str | None = None
    until: datetime | None = Field(None, description="Until when it rests.")
    waiting: int = Field(description="Approved messages of yours that have not been handed over.")
    oldest_due_at: datetime | None = None


class ChannelsHealth(Answer):
    """Every channel."""

    items: list[ChannelHealth]
    next_cursor: str | None = None


class GetChannelHealth(Asked):
    """Which channel."""

    channel: Channel | None = Field(None, description="This one only.")


@operation("workspace", Effect.READ, example={"channel": "sms"})
def get_channel_health(call: Call, asked: GetChannelHealth) -> ChannelsHealth:
    """Show how each channel does: open, slowed, resting or paused, why, and what waits in it."""
    return ChannelsHealth(items=[_health(call, channel) for channel in get_args(Channel) if asked.channel in (None, channel)])


def _health(call: Call, channel: Channel) -> ChannelHealth:
    account = account_for(call.session, call.settings, call.workspace, channel)
    provider = provider_of(account.lane)
    lane = next((lane for lane in lanes_of(call.session, call.workspace, call.settings) if lane.lane == account.lane), LaneState(lane=account.lane, waiting=0))
    ours = next((pause for pause in pauses(call.session, call.workspace) if pause.what == "workspace" or (pause.what, pause.id) == ("channel", channel)), None)
    status, reason = _status(lane, ours.reason if ours else None)
    if status == "open" and provider == "sandbox":
        status = "sandbox"
    return ChannelHealth(
        channel=channel,
        provider=provider,
        account="own" if account_of(account.lane) else "installation",
        sender=account.sender,
        note=_advice(call, channel),
        status=status,
        reason=reason,
        until=lane.breaker_until or lane.rests_until,
        waiting=lane.waiting,
        oldest_due_at=lane.oldest_due_at,
    )


def _status(lane: LaneState, paused: str | None) -> tuple[Health, str | None]:
    if paused is not None or lane.paused_at:
        return "paused", paused if paused is not None else lane.pause_reason
    if lane.breaker_until or lane.rests_until:
        return "resting", lane.breaker_reason or "The provider asked to slow down."
    return ("slowed", "The provider asked to slow down.") if lane.pace else ("open", None)


def _advice(call: Call, channel: Channel) -> str | None:
    """What stands between an own account and its use; its provider's words hold no secret."""
    mine = next((each for each in own(call.session, call.workspace) if each.channel == channel), None)
    if mine is None or mine.state == "connected":
        return None
    found = TESTED if mine.state == "testing" else f"The account of the business is not let in: {mine.fault}"
    return found if mine.is_in_use else f"{found} Until its test goes well, messages leave by the installation's account."
