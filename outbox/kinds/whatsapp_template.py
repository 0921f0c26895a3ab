"""WhatsApp template: words that WhatsApp approved beforehand, with values in their numbered gaps; the one thing it takes when no customer asked."""

from __future__ import annotations

import json
import re
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator
from typing_extensions import override

from outbox.content import Channel, Content, OneLine, Phone, Preview, Readable, kind
from outbox.kinds.whatsapp import LIMIT, bubble

GAP = re.compile(r"\{\{([1-9][0-9]?)\}\}")
BRACES = re.compile(r"\{\{|\}\}")
BLANKS = re.compile(r"[\r\n\t]| {5}")
"""What WhatsApp takes in no value: line breaks, tabs, and more than four blanks in a row."""


def _numbered(words: str) -> str:
    if BRACES.search(GAP.sub("", words)):
        msg = "must have no braces but around numbers, like {{1}}"
        raise ValueError(msg)
    return words


def is_value(said: str) -> bool:
    """Whether WhatsApp takes this in a gap."""
    return bool(said.strip()) and not BLANKS.search(said) and not BRACES.search(said)


def _values(written: str) -> str:
    try:
        said = json.loads(written)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not all(isinstance(value, str) for value in said.values()):
        msg = "must be a JSON object of texts"
        raise ValueError(msg)
    if not all(map(is_value, said.values())):
        msg = "must hold values of one line each, not empty and without double braces: WhatsApp takes no others"
        raise ValueError(msg)
    return written


@kind
class WhatsAppTemplate(Content):
    """A message by one of WhatsApp's approved templates."""

    kind: ClassVar[str] = "whatsapp_template"
    channel: ClassVar[Channel] = "whatsapp"

    to: Phone = Field(description="Phone number, E.164.")
    content_sid: str = Field(pattern=r"^HX[0-9a-f]{32}$", description="Twilio's id of the template.")
    language: OneLine = Field(min_length=2, max_length=16, description="The language that the template has at Twilio.")
    words: Annotated[Readable, AfterValidator(_numbered)] = Field(max_length=LIMIT, description="The template's words, with their numbered gaps.")
    content_variables: Annotated[str, AfterValidator(_values)] = Field(description="What fills the gaps: a JSON object by number, as it is handed over.")
    body: Readable = Field(max_length=LIMIT, description="The text that the customer reads.")

    @model_validator(mode="after")
    def _is_filled(self) -> Self:
        """What is shown is what comes of the template and its values, filled once."""
        values: dict[str, str] = json.loads(self.content_variables)
        if set(GAP.findall(self.words)) != set(values):
            msg = "the values are not those of the template's gaps"
            raise ValueError(msg)
        if GAP.sub(lambda gap: values[gap[1]], self.words) != self.body:
            msg = "the text is not the template's with its values"
            raise ValueError(msg)
        return self

    @property
    @override
    def recipient(self) -> str:
        """The phone."""
        return self.to

    @override
    def preview(self, sender: str) -> Preview:
        """The text as the bubble shows it, and the template as which it leaves."""
        return bubble(sender, self.to, self.body, f"{self.content_sid} ({self.language})")
