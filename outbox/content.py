"""What every kind of effect is made of: a typed, frozen content with a recipient, limits, and a preview of the real bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from kernel.arguments import HEADER_INJECTION
from kernel.settings import Channel, Medium

__all__ = ["KINDS", "Address", "Channel", "Content", "Form", "Medium", "OnUnknown", "OneLine", "Part", "Phone", "Preview", "Readable", "kind", "kind_saying"]

OnUnknown = Literal["hold", "resend_if_absent", "resend", "repeat"]
Form = Literal["plain-1"]
"""How the HTML of a letter is made of its text, by name: frozen with the text, so that it is approved with it (`providers/letter_html.py`)."""
BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no text of ours needs: controls, line and paragraph separators, lone surrogates (Unicode's Cc, Zl, Zp and Cs, which never grow)."""
BREAKS_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""The same without tab, newline and carriage return."""
ENCODED = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|7f|c2%(?:8|9)[0-9a-f]|e2%80%a[89])|=\?[^?\s]{1,60}\?[bq]\?", re.IGNORECASE)
"""The same as an address writes it, and the beginning of an encoded word (RFC 2047), which may be decoded into anything at its reader's."""
MARKS = frozenset("LNPS")
"""Unicode classes that leave something to read: letters, numbers, punctuation, symbols."""
PREMIUM = (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST)


def as_e164(number: str) -> str:
    """A phone number in E.164 (`+447400123456`); raises ValueError for one that cannot exist, has an extension or costs extra."""
    try:
        parsed = phonenumbers.parse(number.removeprefix("whatsapp:"), None)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or parsed.extension or not phonenumbers.is_possible_number(parsed):
        msg = "is not a phone number in international form such as +447400123456"
        raise ValueError(msg)
    if phonenumbers.number_type(parsed) in PREMIUM:
        msg = "is a premium-rate or shared-cost number, which Sayso never messages"
        raise ValueError(msg)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def as_address(address: str) -> str:
    """A normalised e-mail address; raises ValueError. Asks no DNS: a worker must not depend on it."""
    try:
        return validate_email(address, check_deliverability=False, strict=True).normalized
    except EmailNotValidError as fault:
        msg = f"is not an e-mail address: {fault}"
        raise ValueError(msg) from None


def one_line(words: str) -> str:
    """Text for a header; raises ValueError for a line break or another control character, as it is or encoded (header injection)."""
    if BREAKS.search(words) or ENCODED.search(words):
        raise PydanticCustomError(HEADER_INJECTION, "must be one line without control characters, encoded ones among them")
    return words


def readable(words: str) -> str:
    """Text a person can read; raises ValueError when empty of it or holding control characters (tab and newline are fine)."""
    if not any(unicodedata.category(char)[0] in MARKS for char in words):
        msg = "has no text"
        raise ValueError(msg)
    if BREAKS_BUT_LINES.search(words):
        msg = "holds control characters"
        raise ValueError(msg)
    return words


Phone = Annotated[str, AfterValidator(as_e164)]
Address = Annotated[str, AfterValidator(as_address)]
OneLine = Annotated[str, AfterValidator(one_line)]
Readable = Annotated[str, AfterValidator(readable)]


class Part(BaseModel):
    """One labelled piece of a preview, exactly as it will be sent."""

    label: str
    text: str


class Preview(BaseModel):
    """What an approver sees: the real bytes, counted."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    channel: Medium
    sender: str
    recipient: str
    parts: list[Part]
    segments: int | None = Field(None, description="SMS segments, as the carrier counts them.")
    links: list[str] = Field(default_factory=list, description="Hosts of the links inside.")
    warnings: list[str] = Field(default_factory=list, description="What an attentive reader should know.")
    template: str | None = Field(None, description="WhatsApp's approved template as which it leaves: Twilio's id and the language.")


class Content(BaseModel):
    """The base of every kind: subclass it in `outbox/kinds/<name>.py`, one per file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ClassVar[str]
    channel: ClassVar[Medium]
    gated: ClassVar[bool] = True
    """Whether a person (or a standing policy a person made) must say so; False only for mail to the workspace's own people, and for what reaches nobody."""
    sealed: ClassVar[bool] = False
    """Whether the content holds secrets: encrypted at rest, shown to nobody, wiped once sent."""
    editable: ClassVar[frozenset[str]] = frozenset()
    """The fields whose words a person may change before approving; never the recipient."""
    repeatable: ClassVar[bool] = True
    """Whether a person may allow the same for many days; money is given back by a person's word alone."""
    needs_window: ClassVar[bool] = False
    """Whether the provider takes it only within a day of the recipient's own last message."""
    on_unknown: ClassVar[OnUnknown] = "hold"
    priority: ClassVar[int] = 50
    """Lower leaves first: 0 one-time codes, 10 notices to people, 50 messages, 90 campaigns."""

    @property
    def recipient(self) -> str:
        """The one address this goes to."""
        raise NotImplementedError

    @property
    def parts(self) -> int:
        """How many messages the provider bills."""
        return 1

    def preview(self, sender: str) -> Preview:
        """The real bytes, for the approver."""
        raise NotImplementedError

    def frozen(self) -> dict[str, Any]:
        """The content as plain data, for the snapshot."""
        return self.model_dump(mode="json")


KINDS: dict[str, type[Content]] = {}


def kind(content: type[Content]) -> type[Content]:
    """Declare a kind of effect."""
    if content.kind in KINDS:
        msg = f"kind {content.kind} is declared twice"
        raise ValueError(msg)
    KINDS[content.kind] = content
    return content


def kind_saying(channel: Channel, words: Mapping[str, Any]) -> type[Content]:
    """The kind that says these words on a channel: those of an approved template leave by a kind of their own."""
    return KINDS[f"{channel}_template"] if "content_sid" in words else KINDS[channel]
