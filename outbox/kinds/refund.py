"""Refund: money that goes back to whoever paid; one payment, one amount, and a person approves exactly that."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Content, Medium, OneLine, OnUnknown, Part, Preview, kind
from outbox.kinds.payment_link import MOST_MINOR
from outbox.scrutiny import warnings_about


@kind
class Refund(Content):
    """A part of a payment, or all of it; asked for twice under one key it is given back once."""

    kind: ClassVar[str] = "refund"
    channel: ClassVar[Medium] = "payments"
    on_unknown: ClassVar[OnUnknown] = "repeat"
    repeatable: ClassVar[bool] = False

    payment_ref: OneLine = Field(description="The payment, as the provider calls it.")
    workspace: str = Field(description="Whose it is, as its id.")
    amount_minor: int = Field(gt=0, le=MOST_MINOR, description="In minor units.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217.")
    gives: OneLine = Field(description="The same as people read it.")
    before_minor: int = Field(0, ge=0, le=MOST_MINOR, description="What of the same payment was given back or asked for before.")
    before: OneLine = Field("", description="The same as people read it; empty: nothing.")
    of: OneLine = Field(description="Of which payment, in words.")
    about: OneLine = Field(description="What was paid with it: the invoice's number, else the payment's id.")
    reason: OneLine = Field("", max_length=200, description="For the team.")

    @property
    @override
    def recipient(self) -> str:
        """What was paid: whoever paid it gets it back on the way it came, and no address of theirs is needed."""
        return self.about

    @override
    def preview(self, sender: str) -> Preview:
        """How much goes back, of what, and why."""
        parts = [Part(label="Gives back", text=self.gives), Part(label="Of", text=self.of)]
        more = {"Asked for or given back before": self.before, "Reason": self.reason}
        parts += [Part(label=label, text=text) for label, text in more.items() if text]
        return Preview(channel="payments", sender=sender, recipient=self.about, parts=parts, warnings=warnings_about(self.reason))
