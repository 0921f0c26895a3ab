"""Which lane and sender serve a channel: the default account that the environment variables describe, and what a lane's name says."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.settings import Settings
from outbox.content import Medium

SANDBOX_SENDERS: dict[Medium, str] = {"whatsapp": "+15005550006", "sms": "+15005550006", "email": "sayso@example.com", "payments": "sandbox"}
"""Twilio's own magic sender, an address nobody can own (RFC 2606), and a till without money."""


@dataclass(frozen=True, slots=True)
class Account:
    """A sender on a channel; the lane names the provider, so nothing approved for the sandbox ever leaves by another."""

    lane: str
    sender: str


def default_account(settings: Settings, channel: Medium) -> Account:
    """The account that serves a channel unless the workspace has its own."""
    provider = settings.provider_of(channel)
    senders: dict[tuple[Medium, str], str] = {
        ("sms", "twilio"): settings.twilio_sms_from,
        ("whatsapp", "twilio"): settings.twilio_whatsapp_from,
        ("email", "sendgrid"): settings.sendgrid_from,
        ("email", "smtp"): settings.smtp_from,
        ("payments", "stripe"): "stripe",
    }
    return Account(f"{channel}:{provider}", senders.get((channel, provider), SANDBOX_SENDERS[channel]))


def lane_of(channel: str, provider: str, account: UUID) -> str:
    """The lane of a workspace's own account: `sms:twilio/` and the account's id."""
    return f"{channel}:{provider}/{account.hex}"


def account_of(lane: str) -> UUID | None:
    """Whose own account a lane belongs to; None for the installation's."""
    name = lane.partition("/")[2]
    return UUID(hex=name) if name else None


def provider_of(lane: str) -> str:
    """The provider that serves a lane."""
    return lane.partition(":")[2].partition("/")[0]


def channel_of(lane: str) -> str:
    """The channel of a lane."""
    return lane.partition(":")[0]
