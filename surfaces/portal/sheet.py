"""An approval as a page shows it: what was asked, the real bytes, where it stands, on the business's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from approvals import requests
from approvals.decide import AlreadyDecided, ApprovalExpired
from approvals.requests import Shown
from crm.contacts.tables import Account
from kernel.clock import now
from kernel.errors import SaysoError
from kernel.keys import show
from kernel.tenancy import Workspace
from outbox.sends import Send
from surfaces.portal import words

SOON = timedelta(minutes=2)
LOOK_AGAIN = ((timedelta(minutes=2), 3), (timedelta(minutes=15), 15))
"""How often an unsettled page looks again, by the age of its decision; after that a person reloads it."""
FIRST_LINES = 160


@dataclass(frozen=True, slots=True)
class Sheet:
    """One approval at one moment."""

    shown: Shown
    business: str
    zone: ZoneInfo
    now: datetime
    contacts: Mapping[str, str]
    """Names from the business's own contacts, by address."""

    @property
    def id(self) -> str:
        """The wire id."""
        return show("apr", self.shown.approval_id)

    @property
    def state(self) -> str:
        """Where it stands; overdue is expired even before the clock has said so."""
        overdue = self.shown.state == "pending" and self.shown.expires_at <= self.now
        return "expired" if overdue else self.shown.state

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state == "pending"

    @property
    def is_decidable(self) -> bool:
        """Whether it waits and can be read: nobody decides what cannot be shown."""
        return self.is_open and bool(self.shown.preview)

    @property
    def verdict(self) -> tuple[str, str]:
        """The decision's tone and word."""
        return words.DECISIONS[self.state]

    @property
    def channel(self) -> str:
        """The first one's channel; `erased` once the content is gone."""
        return self.shown.preview[0].channel if self.shown.preview else "erased"

    @property
    def what(self) -> str:
        """What would leave: `WhatsApp message`, or `3 messages`."""
        many = len(self.shown.preview)
        return f"{many} messages" if many > 1 else words.CHANNELS[self.channel]

    @property
    def recipient(self) -> str:
        """To whom, in short."""
        first, others = self.first_recipient or "somebody erased", len(self.shown.preview) - 1
        return f"{first} and {others} more" if others > 0 else first

    @property
    def first_recipient(self) -> str:
        """The first address."""
        return self.shown.preview[0].recipient if self.shown.preview else ""

    @property
    def beginning(self) -> str:
        """The first lines of the text."""
        text = self.shown.preview[0].parts[-1].text if self.shown.preview else ""
        return text if len(text) <= FIRST_LINES else f"{text[:FIRST_LINES]}…"

    @property
    def goes_out(self) -> str:
        """When it leaves, if approved."""
        planned = self.shown.not_before
        return words.moment(planned, self.zone) if planned and planned > self.now else "as soon as you approve"

    @property
    def note(self) -> str | None:
        """That nothing leaves this machine, where that is so."""
        return next((send.note for send in self.shown.sends if send.note), None)

    @property
    def is_unsettled(self) -> bool:
        """Whether something may still become of it."""
        return self.state == "approved" and any(not send.is_settled for send in self.shown.sends)

    @property
    def look_again(self) -> int | None:
        """Seconds after which the page should look again; None: it need not."""
        coming = any(not send.is_settled and send.due_at <= self.now + SOON for send in self.shown.sends)
        if not (self.is_unsettled and coming and self.shown.decided_at):
            return None
        age = self.now - self.shown.decided_at
        return next((seconds for limit, seconds in LOOK_AGAIN if age <= limit), None)

    def fate(self, send: Send) -> tuple[str, str]:
        """The tone of a send's state, and a sentence."""
        if send.state == "ready" and send.due_at > self.now:
            return "wait", f"Approved. It leaves {words.moment(send.due_at, self.zone)}."
        return words.FATES[send.state]

    def differs(self, send: Send) -> bool:
        """Whether other bytes were sent than were approved, which must never happen."""
        return send.digest_sent not in (None, send.digest)


def overtaken(sheet: Sheet) -> SaysoError:
    """Why nobody can decide this any more: who did, and when, on the business's own clock."""
    if sheet.state == "expired":
        return ApprovalExpired()
    if sheet.shown.decided_at is None:
        return AlreadyDecided(f"This request was {sheet.verdict[1].lower()}, so nothing was decided now.")
    return AlreadyDecided(f"{sheet.shown.decided_by} {sheet.state} this on {words.moment(sheet.shown.decided_at, sheet.zone)}; nothing was decided now.")


def read(session: Session, workspace: UUID, approval: UUID) -> Sheet:
    """One approval, or NotFound."""
    return _sheets(session, workspace, [requests.read(session, workspace, approval)])[0]


def waiting(session: Session, workspace: UUID) -> list[Sheet]:
    """What waits for a decision, oldest first."""
    return [sheet for sheet in _sheets(session, workspace, requests.pending(session, workspace)) if sheet.is_open]


def recent(session: Session, workspace: UUID) -> list[Sheet]:
    """Everything asked for, newest first."""
    return _sheets(session, workspace, requests.recent(session, workspace))


def _sheets(session: Session, workspace: UUID, shown: list[Shown]) -> list[Sheet]:
    business = session.get_one(Workspace, workspace)
    contacts = _contacts(session, workspace, {preview.recipient for one in shown for preview in one.preview})
    zone, moment = words.zone_of(business.zone), now()
    return [Sheet(one, business.name, zone, moment, contacts) for one in shown]


def _contacts(session: Session, workspace: UUID, addresses: set[str]) -> dict[str, str]:
    """The names under which these addresses are known."""
    known = select(Account).where(Account.workspace_id == workspace, or_(Account.phone.in_(addresses), Account.email.in_(addresses)))
    return {address: account.name for account in session.scalars(known) for address in (account.phone, account.email) if address in addresses}
