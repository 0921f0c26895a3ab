"""The words of what the deciders get: a letter, or a text of two segments at most; each names the business, what is asked, the link and the code."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from approvals.people import Person
from kernel.clock import zone_of
from kernel.settings import Channel
from kernel.tenancy import Workspace
from outbox.content import Content, Preview
from outbox.kinds.notice import Notice
from outbox.kinds.notice_sms import NoticeSms
from outbox.kinds.notice_whatsapp import NoticeWhatsApp

CHANNEL_NAMES = {"whatsapp": "a WhatsApp message", "sms": "an SMS", "email": "an e-mail", "payments": "a refund"}
NAME = 30
"""So much of a name fits into a text beside a link and a code."""
SHORT: dict[Channel, type[NoticeSms]] = {"sms": NoticeSms, "whatsapp": NoticeWhatsApp}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a letter names it."""

    id: UUID
    by: str
    preview: Sequence[Preview]
    ends: datetime
    is_late: bool = False
    """Whether little of its time is left, and it was told of before."""
    many: int = 0
    """To how many it goes, where the preview holds the first of them alone."""

    @property
    def what(self) -> str:
        """Of which sort it is; `something` once it was erased."""
        return CHANNEL_NAMES[self.preview[0].channel] if self.preview else "something"

    @property
    def whom(self) -> str:
        """To whom, in short."""
        all_of_them = self.many or len(self.preview)
        many = f" and {all_of_them - 1} more" if all_of_them > 1 else ""
        return f"{self.preview[0].recipient}{many}" if self.preview else "somebody"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a letter holds for its reader alone, for which business, and until when."""

    token: str
    code: str
    workspace: Workspace
    until: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The business's own clock."""
        return zone_of(self.workspace.zone)


def about_one(base_url: str, person: Person, channel: Channel, only: Sequence[Asked], secrets: Secrets) -> Content:
    """What tells one person of one request."""
    (asked,) = only
    link = f"{base_url}/a/{secrets.token}"
    if channel != "email" and person.phone:
        return _short(channel, person.phone, f"{secrets.workspace.name}: {asked.what} to {asked.whom} waits for you", link, secrets.code)
    ends = f"The request ends {_at(asked.ends, secrets.zone)}.\n" if secrets.until < asked.ends else ""
    soon = "It was asked before and little of its time is left.\n" if asked.is_late else ""
    body = (
        f"Hello {person.name},\n\n"
        f"{asked.by} asks to send {asked.what} to {asked.whom} for {secrets.workspace.name}.\n{soon}"
        f"Nothing is sent unless you approve.\n\n"
        f"Read it and decide: {link}\n"
        f"Your code: {secrets.code}\n\n"
        f"The link is yours alone and ends {_at(secrets.until, secrets.zone)}.\n{ends}"
        f"If you do not decide, nothing is sent.\n"
    )
    head = "Soon over: your say-so is needed" if asked.is_late else "Your say-so is needed"
    return Notice(to=person.email, subject=f"{head}: {asked.what}", body=body)


def about_many(base_url: str, person: Person, channel: Channel, asked: Sequence[Asked], secrets: Secrets) -> Content:
    """What tells one person of several, with one link to their list."""
    link, many = f"{base_url}/a/list/{secrets.token}", len(asked)
    if channel != "email" and person.phone:
        return _short(channel, person.phone, f"{secrets.workspace.name}: {many} requests wait for you", link, secrets.code)
    lines = [f"{n}. {one.what[0].upper()}{one.what[1:]} to {one.whom}\n   asked by {one.by}, {_ending(one, secrets.zone)}" for n, one in enumerate(asked, 1)]
    listed = "\n".join(lines)
    body = (
        f"Hello {person.name},\n\n"
        f"{many} requests wait for you at {secrets.workspace.name}. Nothing is sent unless you approve.\n\n"
        f"{listed}\n\n"
        f"Read and decide each on its own page: {link}\n"
        f"Your code: {secrets.code}\n\n"
        f"The link is yours alone and ends {_at(secrets.until, secrets.zone)}.\n"
        f"What you do not decide is never sent.\n"
    )
    return Notice(to=person.email, subject=f"{many} requests wait for your say-so", body=body)


def _ending(one: Asked, zone: ZoneInfo) -> str:
    return f"ends {_at(one.ends, zone)}{': soon over' if one.is_late else ''}"


def _short(channel: Channel, phone: str, what: str, link: str, code: str) -> NoticeSms:
    """A text in plain letters, so that it fits: what a phone cannot say in few is left out."""
    plain = unicodedata.normalize("NFKD", what).encode("ascii", "ignore").decode().strip(" :") or "A request waits for you"
    name, _, rest = plain.partition(": ")
    told = f"{name[:NAME]}: {rest[:90]}" if rest else plain[:90]
    return SHORT[channel](to=phone, body=f"{told}. {link} Code: {code}")


def _at(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%A %d %B, %H:%M (%Z)")
