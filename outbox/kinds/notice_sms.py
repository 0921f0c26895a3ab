"""Notice by SMS: the same as the letter to one of our own people, in two segments at most."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Channel, Content, OnUnknown, Phone, Preview, Readable, kind


@kind
class NoticeSms(Content):
    """A text to one of us; it holds a link and a code, so nobody reads it but its recipient. The same one twice does no harm."""

    kind: ClassVar[str] = "notice_sms"
    channel: ClassVar[Channel] = "sms"
    gated: ClassVar[bool] = False
    sealed: ClassVar[bool] = True
    on_unknown: ClassVar[OnUnknown] = "resend"
    priority: ClassVar[int] = 10

    to: Phone = Field(description="Phone of a person of the workspace, E.164.")
    body: Readable = Field(max_length=1600, description="The text.")

    @property
    @override
    def recipient(self) -> str:
        """The phone."""
        return self.to

    @override
    def preview(self, sender: str) -> Preview:
        """Nothing of the text: it holds secrets."""
        return Preview(channel=self.channel, sender=sender, recipient=self.to, parts=[])
