"""Notice: system mail to the workspace's own people (an approval waits, a sign-in link); sealed at rest, wiped once sent."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Address, Channel, Content, Form, OneLine, OnUnknown, Part, Preview, Readable, kind


@kind
class Notice(Content):
    """A letter to one of us; it may hold a link and a code, so nobody reads it but its recipient. The same one twice does no harm."""

    kind: ClassVar[str] = "notice"
    channel: ClassVar[Channel] = "email"
    gated: ClassVar[bool] = False
    sealed: ClassVar[bool] = True
    on_unknown: ClassVar[OnUnknown] = "resend"
    priority: ClassVar[int] = 10

    to: Address = Field(description="E-mail address of a person of the workspace.")
    subject: OneLine = Field(min_length=1, max_length=200, description="One line.")
    body: Readable = Field(max_length=20_000, description="The text.")
    form: Form = Field("plain-1", description="How its HTML is made of the text.")

    @property
    @override
    def recipient(self) -> str:
        """The address."""
        return self.to

    @override
    def preview(self, sender: str) -> Preview:
        """Only the subject: the text holds secrets."""
        return Preview(channel="email", sender=sender, recipient=self.to, parts=[Part(label="Subject", text=self.subject)])
