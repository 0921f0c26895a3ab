"""Rules: an agent proposes one, a person allows it once for its words and its gaps, and anybody ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from approvals import standing
from approvals.letters import post
from approvals.people import Person, deciders
from approvals.standing import Covered, Terms
from crm.reminders import planning
from crm.reminders.asking import ACTION
from crm.reminders.tables import Rule
from crm.templates.tables import Template, TemplateVersion
from kernel.call import Call
from kernel.clock import now
from kernel.db import raw
from kernel.errors import NotFound
from kernel.keys import new_id, show
from kernel.settings import Settings
from outbox.content import Channel, kind_saying
from outbox.events import Actor, happened, happened_in, note
from outbox.kinds.notice import Notice
from outbox.senders import account_for

Event = Literal["booking_confirmed", "booking_start", "booking_completed"]
Status = Literal["proposed", "in_force", "lapsed", "off", "ended"]
OFF = "Its rule was turned off."
REPLACED = "Its rule was replaced."
LISTED = """
SELECT u.id, u.event, u.offset_minutes, t.id AS template_id, t.name AS template_name, t.channel, v.version, v.subject, v.body, v.approved, u.asked_by_name,
    u.created_at, s.made_by_name, s.expires_at, s.per_day,
    CASE WHEN u.ended_at IS NOT NULL THEN 'ended' WHEN s.id IS NULL THEN 'proposed' WHEN s.revoked_at IS NOT NULL THEN 'off'
        WHEN s.expires_at <= now() THEN 'lapsed' ELSE 'in_force' END AS status,
    (SELECT count(*) FROM reminder r WHERE r.rule_id = u.id AND r.state = 'planned') AS planned
FROM reminder_rule u JOIN template_version v ON v.id = u.version_id JOIN template t ON t.id = v.template_id
LEFT JOIN LATERAL (SELECT * FROM standing s WHERE s.rule_id = u.id ORDER BY s.revoked_at IS NULL DESC, s.expires_at DESC LIMIT 1) s ON true
WHERE u.workspace_id = %(workspace)s AND (%(rule)s::uuid IS NULL OR u.id = %(rule)s) AND (%(ended)s OR u.ended_at IS NULL)
ORDER BY u.id DESC LIMIT %(most)s
"""
MOST = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule with its words, and whether it is in force."""

    id: UUID
    event: Event
    offset_minutes: int
    template_id: UUID
    template_name: str
    channel: Channel
    version: int
    subject: str | None
    body: str
    approved: dict[str, Any] | None
    asked_by_name: str
    created_at: datetime
    made_by_name: str | None
    expires_at: datetime | None
    per_day: int | None
    status: Status
    planned: int

    def in_words(self) -> str:
        """When it speaks, as people say it."""
        return f"{_span(self.offset_minutes)} {AFTER[self.event]}" if self.offset_minutes else AT_ONCE[self.event]


AFTER: dict[Event, str] = {
    "booking_start": "before a booking begins",
    "booking_confirmed": "after a booking is confirmed",
    "booking_completed": "after a visit",
}
AT_ONCE: dict[Event, str] = {
    "booking_start": "when a booking begins",
    "booking_confirmed": "as soon as a booking is confirmed",
    "booking_completed": "as soon as a visit is over",
}


def _span(minutes: int) -> str:
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes % size == 0:
            return f"{minutes // size} {name}{'s' if minutes != size else ''}"
    return f"{minutes} minutes"


def listed(session: Session, workspace: UUID, *, ended: bool = False) -> Sequence[Listed]:
    """The rules, newest first."""
    return _read(session, workspace, None, ended=ended)


def read(session: Session, workspace: UUID, rule: UUID) -> Listed:
    """One rule. Raises NotFound."""
    found = _read(session, workspace, rule, ended=True)
    if not found:
        raise NotFound("There is no such rule in this workspace.", next_step="Find it with list_reminder_rules.")
    return found[0]


def _read(session: Session, workspace: UUID, rule: UUID | None, *, ended: bool) -> Sequence[Listed]:
    wanted = {"workspace": workspace, "rule": rule, "ended": ended, "most": MOST}
    return raw(session).cursor(row_factory=class_row(Listed)).execute(LISTED.encode(), wanted).fetchall()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a rule shall say, and when."""

    event: Event
    offset_minutes: int
    template: Template
    words: TemplateVersion


def propose(call: Call, wanted: Wanted) -> UUID:
    """Write a rule down and tell the deciders; it says nothing until one of them allows it. The same one again is the one that is there."""
    alike = [rule for rule in listed(call.session, call.workspace) if _is_alike(rule, wanted)]
    same = next((rule for rule in alike if rule.version == wanted.words.version and rule.template_id == wanted.template.id), None)
    if same:
        return same.id
    for rule in alike:
        if rule.status == "proposed":
            _end(call.session, call.workspace, rule.id, REPLACED)
    row = Rule(id=new_id(), workspace_id=call.workspace, event=wanted.event, offset_minutes=wanted.offset_minutes, version_id=wanted.words.id)
    row.asked_by_name = call.caller.shown()
    call.session.add(row)
    call.session.flush()
    _tell_deciders(call, read(call.session, call.workspace, row.id))
    happened(call, "rule.proposed", show("rul", row.id))
    note(call.session, Actor.of(call), "rule.proposed", show("rul", row.id), template=show("tpl", wanted.template.id), version=wanted.words.version)
    return row.id


def _is_alike(rule: Listed, wanted: Wanted) -> bool:
    return (rule.event, rule.offset_minutes, rule.channel) == (wanted.event, wanted.offset_minutes, wanted.template.channel)


def _tell_deciders(call: Call, rule: Listed) -> None:
    """One letter, however many proposals wait."""
    if sum(one.status == "proposed" for one in listed(call.session, call.workspace)) > 1:
        return
    body = (
        f"{call.caller.shown()} proposes a message that goes out by itself, {rule.in_words()}.\n\n"
        f"Nothing is sent by it until somebody reads its words and allows it: {call.settings.base_url}/portal/reminders\n"
    )
    subject = "A rule for messages waits for you"
    post(call.session, call.settings, call.workspace, [Notice(to=one.email, subject=subject, body=body) for one in deciders(call.session, call.workspace)])


def end(call: Call, event: Event, offset_minutes: int, channel: Channel) -> list[UUID]:
    """End the rules that speak then on this channel; what they planned is not said. Answers which."""
    mine = [one for one in listed(call.session, call.workspace) if (one.event, one.offset_minutes, one.channel) == (event, offset_minutes, channel)]
    for one in mine:
        _end(call.session, call.workspace, one.id, OFF)
        happened(call, "rule.ended", show("rul", one.id))
        note(call.session, Actor.of(call), "rule.ended", show("rul", one.id))
    return [one.id for one in mine]


def end_one(session: Session, person: Person, rule: UUID) -> None:
    """End one rule, in a person's name. Raises NotFound."""
    _end(session, person.workspace_id, read(session, person.workspace_id, rule).id, OFF)
    _tell(session, person, "rule.ended", rule)


def _end(session: Session, workspace: UUID, rule: UUID, why: str) -> None:
    session.execute(update(Rule).where(Rule.id == rule, Rule.workspace_id == workspace, Rule.ended_at.is_(None)).values(ended_at=now()))
    planning.drop_by(session, workspace, rule, why)


def allow(session: Session, settings: Settings, person: Person, rule: UUID, terms: Terms) -> int:
    """Put a rule in force: what it says of a booking leaves without anybody being asked, within the terms; answers how many it plans at once.

    The transaction must carry the person's own portal session. Raises NotFound, MayNotDecide, InvalidArguments.
    """
    mine = select(Rule).where(Rule.id == rule, Rule.workspace_id == person.workspace_id, Rule.ended_at.is_(None)).with_for_update()
    if session.scalar(mine) is None:
        raise NotFound("This rule has ended.", next_step="Ask for it anew with set_reminder_rule.")
    allowed = read(session, person.workspace_id, rule)
    account = account_for(session, settings, person.workspace_id, allowed.channel)
    content = {"body": allowed.body, **({"subject": allowed.subject} if allowed.subject else {}), **(allowed.approved or {})}
    covered = Covered(ACTION, kind_saying(allowed.channel, content).kind, account.lane, "", {"sender": account.sender, "content": content})
    standing.make_for(session, person, rule, covered, terms)
    for one in listed(session, person.workspace_id):
        if one.id != rule and (one.event, one.offset_minutes, one.channel) == (allowed.event, allowed.offset_minutes, allowed.channel):
            _end(session, person.workspace_id, one.id, REPLACED)
    _tell(session, person, "rule.allowed", rule)
    return planning.plan_by(session, person.workspace_id, rule)


def _tell(session: Session, person: Person, deed: str, rule: UUID, **detail: Any) -> None:
    note(session, person.as_actor(), deed, show("rul", rule), **detail)
    happened_in(session, person.workspace_id, deed, show("rul", rule))
