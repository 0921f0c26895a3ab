"""A letter as a provider hands it in: from whom, to whom, its headers and its words; nothing in it can end a header's line.

Its Message-ID is made of the intent: however often one is handed in, mailboxes see the same letter, and its logs and bounces name it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from uuid import UUID

from outbox.content import BREAKS, one_line
from outbox.dispatch import Dispatch, Refused
from providers.letter_html import html_of

BROKEN = Refused("A word of its headers holds a line break, which could add headers; not sent.", "header_injection")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address; `headers` are those beside sender, recipient and subject, in ASCII."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def letter_of(dispatch: Dispatch) -> Letter:
    """The letter that was frozen. Raises ValueError for what would break a header, which nothing that was validated can."""
    content = dispatch.content.frozen()
    headers = {"Message-ID": message_id(dispatch.intent, dispatch.sender)}
    if unsubscribe := content.get("unsubscribe"):  # RFC 8058: both, and by POST alone
        headers |= {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    letter = Letter(dispatch.sender, dispatch.recipient, content["subject"], content["body"], html_of(content["body"]), headers)
    one_line(letter.subject)
    if any(BREAKS.search(words) for words in (letter.sender, letter.recipient, *headers.values())):
        msg = "must be one line"
        raise ValueError(msg)
    return letter


def message_id(intent: UUID, sender: str) -> str:
    """The Message-ID of every attempt of an intent, in the sender's domain (RFC 5322 §3.6.4)."""
    return f"<{intent.hex}@{parseaddr(sender)[1].rpartition('@')[2].lower()}>"
