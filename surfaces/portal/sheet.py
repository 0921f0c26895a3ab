"""An approval as a page shows it: what was asked, the real bytes, where it stands, on the business's own clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from approvals import requests
from approvals.costs import estimated
from approvals.decide import AlreadyDecided, ApprovalExpired
from approvals.requests import Shown
from kernel.clock import now, zone_of
from kernel.errors import SaysoError
from kernel.keys import show
from kernel.tenancy import Workspace
from outbox.sends import Send
from surfaces.portal import words
from surfaces.portal.contacts import Known, contacts_of, known
from surfaces.portal.runs import WAITING, Hand, Run

SOON = timedelta(minutes=2)
LOOK_AGAIN = ((timedelta(minutes=2), 3), (timedelta(minutes=15), 15))
"""How often an unsettled page looks again, by the age of its decision; after that a person reloads it."""
SELDOM = 60
"""How often a page looks again at a run that takes long."""
FIRST_LINES = 160
AN_HOUR = timedelta(hours=1)
ON_THEIR_WAY = frozenset({"ready", "blocked", "calling", "sent", "delivered"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """One approval at one moment."""

    shown: Shown
    business: str
    zone: ZoneInfo
    now: datetime
    known: Mapping[str, Known]
    """What is known of the recipients, by address."""
    cost: str | None = None
    """About what it costs; None where no price is set, or nobody asked."""

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
        many = self.shown.bulk.count if self.shown.bulk else len(self.shown.preview)
        return f"{many} {words.MANY[self.channel]}" if many > 1 else words.CHANNELS[self.channel]

    @property
    def recipient(self) -> str:
        """To whom, in short."""
        if self.shown.bulk:
            return "1 person" if self.shown.bulk.count == 1 else f"{self.shown.bulk.count} people"
        first, others = self.first_recipient or "somebody erased", len(self.shown.preview) - 1
        return f"{first} and {others} more" if others > 0 else first

    @property
    def first_recipient(self) -> str:
        """The first address."""
        return self.shown.preview[0].recipient if self.shown.preview else ""

    @property
    def name(self) -> str | None:
        """The name under which the first recipient is in the contacts, as somebody claimed."""
        known = None if self.shown.bulk else self.known.get(self.first_recipient)
        return known.contact.name if known and known.contact else None

    @property
    def subject(self) -> str | None:
        """The subject of a letter."""
        parts = self.shown.preview[0].parts if self.shown.preview else []
        return parts[0].text if len(parts) > 1 else None

    @property
    def beginning(self) -> str:
        """The first lines of the text."""
        text = self.shown.preview[0].parts[-1].text if self.shown.preview else ""
        return text if len(text) <= FIRST_LINES else f"{text[:FIRST_LINES]}…"

    @property
    def left(self) -> timedelta:
        """How long it still waits for a decision."""
        return self.shown.expires_at - self.now

    @property
    def urgency(self) -> str:
        """When it expires, roughly: the heading under which it is listed."""
        local, today = self.shown.expires_at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        if self.left < AN_HOUR:
            return "Within the hour"
        return {0: "Today", 1: "By tomorrow"}.get((local - today).days, "Later")

    @property
    def hold(self) -> str | None:
        """What keeps it from leaving whatever is decided: sending that is paused, a channel that rests."""
        return next((send.wait_reason for send in self.shown.sends if send.wait_reason in words.HOLDS), None)

    @property
    def warnings(self) -> list[str]:
        """What an attentive reader should know, of all of it."""
        if self.shown.manifest:
            return list(self.shown.manifest.warnings)
        return [warning for preview in self.shown.preview for warning in preview.warnings]

    def hands(self, run: Run | None) -> list[Hand]:
        """What a person may do about what was approved and has not been handed over yet."""
        if run:
            return run.hands
        return ["stop"] if self.state == "approved" and any(send.state in WAITING for send in self.shown.sends) else []

    @property
    def goes_out(self) -> str:
        """When it leaves, if approved."""
        planned = self.shown.not_before
        at_once = "10 seconds after you approve; till then you can undo it" if self.shown.bulk else "as soon as you approve"
        return words.moment(planned, self.zone) if planned and planned > self.now else at_once

    @property
    def note(self) -> str | None:
        """That nothing leaves this machine, where that is so."""
        return next((send.note for send in self.shown.sends if send.note), None)

    @property
    def is_unsettled(self) -> bool:
        """Whether something may still become of it."""
        if self.shown.bulk:
            return self.state == "approved" and not self.shown.bulk.is_settled
        return self.state == "approved" and any(not send.is_settled for send in self.shown.sends)

    def run(self, *, is_paused: bool) -> Run | None:
        """How far it is, where it goes to many and was approved."""
        if self.shown.bulk is None or self.shown.decided_at is None or self.state != "approved":
            return None
        return Run(self.shown.bulk, is_paused, self.shown.decided_at, self.now)

    @property
    def look_again(self) -> int | None:
        """Seconds after which the page should look again; None: it need not."""
        coming = self.shown.bulk is not None or any(not send.is_settled and send.due_at <= self.now + SOON for send in self.shown.sends)
        if not (self.is_unsettled and coming and self.shown.decided_at):
            return None
        age = self.now - self.shown.decided_at
        return next((seconds for limit, seconds in LOOK_AGAIN if age <= limit), SELDOM if self.shown.bulk else None)

    def fate(self, send: Send) -> tuple[str, str]:
        """The tone of a send's state, and a sentence."""
        if send.wait_reason in words.HOLDS and send.state in ("ready", "blocked"):
            return "doubt", f"Held: {send.wait_reason}."
        if send.state == "ready" and send.due_at > self.now:
            return "wait", f"Approved. It leaves {words.moment(send.due_at, self.zone)}."
        return words.FATES[send.state]

    def steps(self, send: Send) -> list[tuple[str, datetime | None]]:
        """The way of a send that goes well, each step with its moment once it was made; nothing for what ended otherwise."""
        if send.state not in ON_THEIR_WAY:
            return []
        return [("Approved", self.shown.decided_at), ("Handed over", send.sent_at), ("Delivered", send.delivered_at)]

    def at(self, moment: datetime) -> str:
        """A moment, in short when it is today: `14:05`."""
        local = moment.astimezone(self.zone)
        return f"{local:%H:%M}" if local.date() == self.now.astimezone(self.zone).date() else words.moment(moment, self.zone)

    def differs(self, send: Send) -> bool:
        """Whether other bytes were sent than were approved, which must never happen."""
        return send.digest_sent not in (None, send.digest)


Told = Callable[[Sheet, SaysoError], SaysoError]
"""What a page says on top after a refusal."""


def as_told(_sheet: Sheet, refused: SaysoError) -> SaysoError:
    """The refusal itself."""
    return refused


def overtaken(sheet: Sheet, refused: SaysoError) -> SaysoError:
    """Why nobody can decide this any more, once that is so: who did, and when, on the business's own clock."""
    if sheet.is_open:
        return refused
    if sheet.state == "expired":
        return ApprovalExpired()
    if sheet.shown.decided_at is None:
        return AlreadyDecided(f"This request was {sheet.verdict[1].lower()}, so nothing was decided now.")
    return AlreadyDecided(f"{sheet.shown.decided_by} {sheet.state} this on {words.moment(sheet.shown.decided_at, sheet.zone)}; nothing was decided now.")


def read(session: Session, workspace: UUID, approval: UUID) -> Sheet:
    """One approval, with all that is known of whom it goes to. Raises NotFound."""
    found = requests.read(session, workspace, approval)
    sheet = _sheets(session, workspace, [found], known(session, workspace, _recipients([found])))[0]
    return replace(sheet, cost=estimated(session, workspace, approval))


def sheets(session: Session, workspace: UUID, shown: list[Shown]) -> list[Sheet]:
    """Several of them, as a list shows them: with the names of their recipients."""
    named = contacts_of(session, workspace, _recipients(shown)).items()
    return _sheets(session, workspace, shown, {address: Known(contact) for address, contact in named})


def _recipients(shown: list[Shown]) -> set[str]:
    return {preview.recipient for one in shown for preview in one.preview}


def _sheets(session: Session, workspace: UUID, shown: list[Shown], known: Mapping[str, Known]) -> list[Sheet]:
    business = session.get_one(Workspace, workspace)
    zone, moment = zone_of(business.zone), now()
    return [Sheet(one, business.name, zone, moment, known) for one in shown]
