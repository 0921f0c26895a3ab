"""E-mail: one plain-text letter to one address; the subject is one line, so no header can be injected."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Address, Channel, Content, Form, OneLine, Part, Preview, Readable, kind
from outbox.scrutiny import hosts_in, warnings_about

BODY_LIMIT = 50_000
SUBJECT_LIMIT = 200


@kind
class Email(Content):
    """A letter."""

    kind: ClassVar[str] = "email"
    channel: ClassVar[Channel] = "email"
    editable: ClassVar[frozenset[str]] = frozenset({"subject", "body"})

    to: Address = Field(description="E-mail address.")
    subject: OneLine = Field(min_length=1, max_length=SUBJECT_LIMIT, description="One line.")
    body: Readable = Field(max_length=BODY_LIMIT, description="The text.")
    form: Form = Field("plain-1", description="How its HTML is made of the text.")
    unsubscribe: str | None = Field(None, description="Where its recipient takes themselves off; of letters to many.")

    @property
    @override
    def recipient(self) -> str:
        """The address."""
        return self.to

    @override
    def frozen(self) -> dict[str, Any]:
        """As plain data; a letter to one has no word about many."""
        return self.model_dump(mode="json", exclude_none=True)

    @override
    def preview(self, sender: str) -> Preview:
        """Subject and text."""
        return Preview(
            channel="email",
            sender=sender,
            recipient=self.to,
            parts=[Part(label="Subject", text=self.subject), Part(label="Text", text=self.body)],
            links=hosts_in(self.body),
            warnings=warnings_about(f"{self.subject}\n{self.body}"),
        )
