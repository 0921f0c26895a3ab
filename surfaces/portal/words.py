"""How the portal says things: states, moments, spans, people, and texts with their hidden characters spelled out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

import phonenumbers
from jinja2.filters import do_mark_safe

from kernel.clock import now
from outbox.scrutiny import visible
from outbox.sends import STOPPED

SPELLED = re.compile(r"(⟦U\+[0-9A-F]{4,6}⟧)")
CHANNELS = {"whatsapp": "WhatsApp message", "sms": "SMS", "email": "e-mail", "payments": "refund", "erased": "erased message"}
MANY = {"whatsapp": "WhatsApp messages", "sms": "SMS messages", "email": "e-mails", "payments": "refunds", "erased": "erased messages"}
PAY_PAGES = {
    "payment_link": "page to pay an invoice on",
    "page_closing": "end of a page to pay an invoice on",
    "pretend_payment": "pretended payment of an invoice",
    "plan_upgrade": "page to pay your own plan on",
    "billing_portal": "page about what your own plan costs",
    "pretend_subscription": "pretended payment of your own plan",
}
"""What goes to the payment provider and moves no money."""
LEFT_OUT = {
    "opted_out": "opted out",
    "no_address": "without an address for this channel",
    "invalid_address": "with an address that cannot be right",
    "too_long": "whose name makes the text longer than this channel takes",
    "duplicate": "listed twice",
    "window_closed": "who did not write by WhatsApp within the last day, as free words need",
    "unusual_name": "whose name is more than a name, and would stand in the text",
    "struck": "left out by whoever decided",
}
"""Why somebody is not in a list."""
SHORT_CHANNELS = {"whatsapp": "WhatsApp", "sms": "SMS", "email": "E-mail", "payments": "Money"}
WAYS = {"link": "by link", "portal": "in the portal", "standing": "by a standing approval"}
"""By which way somebody decided."""
SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
SHORT = 12
FATES: dict[str, tuple[str, str]] = {
    "held": ("wait", "Held. Nothing was sent."),
    "ready": ("wait", "Approved, not sent yet."),
    "blocked": ("wait", "Approved; it waits for the message before it."),
    "calling": ("wait", "Being handed to the provider now."),
    "in_doubt": ("doubt", "Unclear whether the provider took it. It is not sent again by itself."),
    "sent": ("good", "Sent: the provider accepted it."),
    "delivered": ("good", "Delivered."),
    "undelivered": ("bad", "Sent, but the provider could not deliver it."),
    "failed": ("bad", "Not sent: the provider refused it."),
    "rejected": ("off", "Rejected. Nothing was sent."),
    "cancelled": ("off", "Cancelled. Nothing was sent."),
    "expired": ("off", "Expired. Nothing was sent."),
    "suppressed": ("off", "Not sent: the recipient has opted out."),
}
"""Each state of a send, as its tone and a sentence."""
HOLDS: dict[str, str] = {
    STOPPED["everything"]: "Nothing leaves until somebody resumes sending under Settings.",
    STOPPED["asker"]: "Nothing of it leaves until somebody resumes this agent under Settings.",
    STOPPED["channel"]: "Nothing leaves there until somebody resumes the channel under Settings.",
    STOPPED["request"]: "What is left of it keeps its place, and leaves when somebody resumes it here.",
    STOPPED["revoked"]: "Somebody ended its access. If the message is still wanted, resume the agent under Settings; else reject or stop it.",
    STOPPED["disconnected"]: "It leaves when somebody connects that account again; what leaves by another account must be asked for anew.",
    STOPPED["lane"]: "Whoever runs this installation paused it, and can resume it. Nothing is lost meanwhile.",
    STOPPED["rest"]: "Whoever runs this installation must mend the account; then it leaves by itself. Nothing is lost meanwhile.",
    STOPPED["opted_out"]: "It will not be sent, and nobody can approve it any more.",
    STOPPED["closed"]: "It will not be sent, and nobody can approve it any more. An approved template or an SMS can be asked for instead.",
    STOPPED["slowed"]: "There is nothing to do: it leaves by itself, at the pace that the provider allows.",
}
"""What holds a send back, and what to do about it."""
DECISIONS: dict[str, tuple[str, str]] = {
    "pending": ("wait", "Waiting"),
    "approved": ("good", "Approved"),
    "rejected": ("off", "Rejected"),
    "withdrawn": ("off", "Withdrawn"),
    "expired": ("off", "Expired"),
    "superseded": ("off", "Replaced"),
}

SEEN: dict[str, str] = {
    "call": "Our call",
    "callback": "The callback of the provider",
    "lookup": "A look at the provider",
    "lease": "The worker",
    "person": "A person",
}
"""Who saw something of a call."""
SAW: dict[str, str] = {
    "accepted": "was accepted",
    "refused": "was refused",
    "later": "was put off",
    "unreached": "could not be reached",
    "unsure": "broke off: nobody knows whether it was taken",
    "sent": "says it was sent",
    "delivered": "says it was delivered",
    "undelivered": "says it could not be delivered",
    "absent": "does not show it",
    "no_word": "learned nothing",
    "again": "let it be sent again",
    "given_up": "gave it up",
    "replayed": "replayed it",
    "left": "left it as it is",
}
"""What was seen."""

DEEDS: dict[str, str] = {
    "approval.requested": "asked for it",
    "approval.voted": "approved it, and somebody else had to as well",
    "approval.approved": "approved it",
    "approval.rejected": "rejected it",
    "approval.withdrawn": "took it back",
    "approval.expired": "let it expire, for nobody decided in time",
    "approval.superseded": "replaced it by an edited one",
    "approval.edited": "changed the words of what was asked for",
    "approval.stopped": "stopped it before it left",
    "approval.stopped_late": "asked to stop it while it was on its way",
    "intent.cancelled": "cancelled it",
    "intent.withdrawn": "took it back while it was on its way",
    "doubt.resolved": "settled the doubt",
    "dead_letter.replayed": "had it tried again",
    "dead_letter.left": "left it as it is",
}
"""What is written of a request and its sends, as an owner says it."""

QUEUED: dict[str, str] = {
    "held": "waiting for a decision",
    "later": "waiting for their moment",
    "stopped": "held by a pause",
    "blocked": "waiting for the one before",
    "ready": "about to leave",
    "calling": "being handed over",
    "in_doubt": "in doubt",
    "failed": "could not be sent",
}
"""Where sends stand that have not come to rest."""


def seen(source: str, outcome: str) -> str:
    """One observation of a call as a clause: `Our call was refused`."""
    if source == "lease":
        return "The worker went silent while it called"
    return f"{SEEN.get(source, source)} {SAW.get(outcome, outcome)}"


def plain(text: str | None) -> str:
    """The text with every hidden character spelled out and marked."""
    return do_mark_safe(SPELLED.sub(r'<mark class="hidden-char">\1</mark>', escape(visible(text or ""))))


def by(asker: str) -> str:
    """Who asked, in words: `agent: first agent` reads `the agent “first agent”`."""
    kind, _, name = asker.partition(": ")
    return f"the agent “{name}”" if kind == "agent" else name or asker


def pretty(address: str) -> str:
    """A phone number in groups that can be read aloud, `+44 7400 123456`; any other address as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(address, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return address


def short(digest: str) -> str:
    """The beginning of a digest, in groups of four."""
    return " ".join(digest[at : at + 4] for at in range(0, SHORT, 4))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment on the business's own clock: `Sat 22 Nov, 14:05 (CET)`, with the year when it is another one."""
    local = at.astimezone(zone)
    year = "" if local.year == now().astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M} ({local.tzname()})"


def instant(at: datetime, zone: ZoneInfo) -> str:
    """The same to the second: `Sat 22 Nov, 14:05:09 (CET)`."""
    return moment(at, zone).replace(f"{at.astimezone(zone):%H:%M} ", f"{at.astimezone(zone):%H:%M:%S} ")


def span(length: timedelta) -> str:
    """A length of time in its largest unit: `3 hours`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in SPANS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def seconds(length: float) -> str:
    """A length of time in its largest unit, or in seconds below a minute."""
    return f"{length:.0f} s" if length < timedelta(minutes=1).total_seconds() else span(timedelta(seconds=length))


def ago(length: timedelta) -> str:
    """How long since: `3 hours ago`."""
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"
