"""SMS: one text to one phone, counted in segments as carriers count them (GSM 03.38: 160/153; UCS-2: 70/67)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Channel, Content, Part, Phone, Preview, Readable, kind
from outbox.scrutiny import hosts_in, warnings_about

LIMIT = 1600
"""Twilio's error 21617: a longer body is refused."""
GSM = frozenset("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
GSM_DOUBLE = frozenset("\f^{}\\[~]|€")


def _pack(sizes: list[int], single: int, each: int) -> int:
    """Segments needed when a character may not straddle two."""
    if sum(sizes) <= single:
        return 1
    segments, room = 1, each
    for size in sizes:
        if size > room:
            segments, room = segments + 1, each
        room -= size
    return segments


def count_segments(body: str) -> int:
    """How many segments the carrier bills."""
    if all(char in GSM or char in GSM_DOUBLE for char in body):
        return _pack([2 if char in GSM_DOUBLE else 1 for char in body], 160, 153)
    return _pack([len(char.encode("utf-16-le")) // 2 for char in body], 70, 67)


@kind
class Sms(Content):
    """A text message."""

    kind: ClassVar[str] = "sms"
    channel: ClassVar[Channel] = "sms"
    editable: ClassVar[frozenset[str]] = frozenset({"body"})

    to: Phone = Field(description="Phone number, E.164.")
    body: Readable = Field(max_length=LIMIT, description="The text, at most 1600 characters.")

    @property
    @override
    def recipient(self) -> str:
        """The phone."""
        return self.to

    @property
    @override
    def parts(self) -> int:
        """Its segments."""
        return count_segments(self.body)

    @override
    def preview(self, sender: str) -> Preview:
        """The text with its segments."""
        return Preview(
            channel="sms",
            sender=sender,
            recipient=self.to,
            parts=[Part(label="Text", text=self.body)],
            segments=self.parts,
            links=hosts_in(self.body),
            warnings=warnings_about(self.body),
        )
