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
from providers.letter_html import FORMS

BROKEN = Refused("A word of its headers holds a line break, which could add headers; not sent.", "header_injection")
FORMLESS = Refused("How its HTML is made is not known here, so what was approved cannot leave as it was; not sent.", "unknown_form")


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address; `headers` are those beside sender, recipient and subject, in ASCII."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def letter_of(dispatch: Dispatch) -> Letter | Refused:
    """The letter that was frozen; or why it must not be handed in, which holds for nothing that was validated."""
    content = dispatch.content.frozen()
    form = FORMS.get(content.get("form") or "")
    if form is None:
        return FORMLESS
    headers = {"Message-ID": message_id(dispatch.intent, dispatch.sender)}
    if unsubscribe := content.get("unsubscribe"):  # RFC 8058: both, and by POST alone
        headers |= {"List-Unsubscribe": f"<{unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    letter = Letter(dispatch.sender, dispatch.recipient, content["subject"], content["body"], form(content["body"]), headers)
    return BROKEN if _is_broken(letter) else letter


def _is_broken(letter: Letter) -> bool:
    """Whether a word of its headers would end its line."""
    try:
        one_line(letter.subject)
    except ValueError:
        return True
    return any(BREAKS.search(words) for words in (letter.sender, letter.recipient, *letter.headers.values()))


def message_id(intent: UUID, sender: str) -> str:
    """The Message-ID of every attempt of an intent, in the sender's domain (RFC 5322 §3.6.4)."""
    return f"<{intent.hex}@{parseaddr(sender)[1].rpartition('@')[2].lower()}>"
