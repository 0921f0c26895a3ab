"""WhatsApp: one free-form message to one phone, whose owner wrote within the last day."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Channel, Content, Part, Phone, Preview, Readable, kind
from outbox.scrutiny import hosts_in, warnings_about

LIMIT = 1600
"""Twilio's limit for a WhatsApp body."""


@kind
class WhatsApp(Content):
    """A WhatsApp message."""

    kind: ClassVar[str] = "whatsapp"
    channel: ClassVar[Channel] = "whatsapp"
    needs_window: ClassVar[bool] = True
    editable: ClassVar[frozenset[str]] = frozenset({"body"})

    to: Phone = Field(description="Phone number, E.164.")
    body: Readable = Field(max_length=LIMIT, description="The text, at most 1600 characters.")

    @property
    @override
    def recipient(self) -> str:
        """The phone."""
        return self.to

    @override
    def preview(self, sender: str) -> Preview:
        """The text as the bubble shows it."""
        return bubble(sender, self.to, self.body)


def bubble(sender: str, to: str, body: str, template: str | None = None) -> Preview:
    """How a phone shows it."""
    return Preview(
        channel="whatsapp",
        sender=sender,
        recipient=to,
        parts=[Part(label="Message", text=body)],
        links=hosts_in(body),
        warnings=warnings_about(body),
        template=template,
    )
