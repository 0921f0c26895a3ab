"""Letters that the clock writes: what waits untold or runs out of time, gathered for each person into one, from the database alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals import bundles
from approvals.escalations import told_by_now
from approvals.letters import post
from approvals.links import Envelope, Invitation, invite
from approvals.notices import LASTS, Reader
from approvals.people import Person, deciders
from approvals.postbox import Wish, take_turns, wishes_of
from approvals.requests import Shown, shown
from approvals.tables import Approval
from approvals.wording import Asked, about_many, about_one
from kernel.clock import now, zone_of
from kernel.db import raw
from kernel.settings import Settings
from kernel.tenancy import Workspace

AT_ONCE = 50
MOST_IN_ONE = 20
"""So many requests one letter names; what is left goes into the next."""
DUE = """
SELECT u.person_id, u.workspace_id, min(u.expires_at) AS soonest FROM unsaid u
LEFT JOIN postbox b ON b.workspace_id = u.workspace_id AND b.person_id = u.person_id
WHERE b.person_id IS NULL OR (b.last_at <= clock_timestamp() - make_interval(secs => %(pause)s)
    AND (b.this_hour < %(most)s OR b.hour_from <= clock_timestamp() - interval '1 hour'))
GROUP BY u.person_id, u.workspace_id ORDER BY soonest LIMIT %(at_once)s
"""
# Locked against a decision meanwhile, whose links would be ended before ours are written; what is being decided is skipped.
UNSAID = """
SELECT a.id AS approval_id, now() - a.created_at AS waited, u.is_late,
    EXISTS (SELECT FROM link l WHERE l.approval_id = a.id AND l.person_id = %(person)s) AS is_told
FROM unsaid u JOIN approval a ON a.id = u.approval_id
WHERE a.state = 'pending' AND u.person_id = %(person)s AND u.workspace_id = %(workspace)s
ORDER BY a.expires_at, a.id LIMIT %(most)s FOR SHARE OF a SKIP LOCKED
"""


class NothingToSay(Exception):
    """No letter is due after all: somebody else wrote it, or all was decided; the turn is given back with the transaction."""


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody for whom something waits untold, and when the first of it ends."""

    person_id: UUID
    workspace_id: UUID
    soonest: datetime


@dataclass(frozen=True, slots=True)
class Unsaid:
    """One request that this person is to be told of."""

    approval_id: UUID
    waited: timedelta
    is_late: bool
    is_told: bool


def due(line: psycopg.Connection[Any], settings: Settings) -> list[Due]:
    """Who might be written to now, soonest first."""
    wanted = {"pause": settings.notice_pause_seconds, "most": settings.notices_per_hour, "at_once": AT_ONCE}
    return line.cursor(row_factory=class_row(Due)).execute(DUE, wanted).fetchall()


def write(session: Session, settings: Settings, one: Due) -> None:
    """Write this person's letter and its links. Raises NothingToSay."""
    line = raw(session)
    workspace = session.get_one(Workspace, one.workspace_id)
    reader = Reader(session.get_one(Person, one.person_id), workspace, wishes_of(line, workspace.id).get(one.person_id, Wish()))
    if not reader.wish.lets(now(), zone_of(workspace.zone), one.soonest):
        raise NothingToSay
    if not take_turns(line, settings, workspace.id, [one.person_id]):
        raise NothingToSay
    wanted = {"person": one.person_id, "workspace": one.workspace_id, "most": MOST_IN_ONE}
    # Read behind the turn: whoever had it before has written what it found.
    found = line.cursor(row_factory=class_row(Unsaid)).execute(UNSAID, wanted).fetchall()
    unsaid = [each for each in found if _concerns(session, reader, each)]
    if not unsaid:
        raise NothingToSay
    _post(session, settings, reader, unsaid)


def _concerns(session: Session, reader: Reader, one: Unsaid) -> bool:
    """Whether it is this person's turn to know; whoever stands in for somebody knows from the first."""
    if not reader.person.may_decide:
        return True
    return reader.person.id in told_by_now(session, reader.workspace.id, deciders(session, reader.workspace.id), one.waited)


def _post(session: Session, settings: Settings, reader: Reader, unsaid: Sequence[Unsaid]) -> None:
    asked = _read(session, unsaid)
    until = min(max(row.expires_at for row, _, _ in asked), now() + LASTS)
    whole = Invitation.new()
    bundle = bundles.tie(session, reader.person, whole.token, until) if len(asked) > 1 else None
    tell = about_many if bundle else about_one
    letter = tell(settings.base_url, reader.person, reader.wish.channel, [named for _, named, _ in asked], whole.told(reader.workspace, until))
    (notice,) = post(session, settings, reader.workspace.id, [letter], until)
    for row, _, is_late in asked:
        given = Invitation(bundles.token_in(whole.token, row.id), whole.code) if bundle else whole
        invite(session, settings.secret, row, reader.person, Envelope(min(row.expires_at, until), given, notice, bundle, is_late))


def _read(session: Session, unsaid: Sequence[Unsaid]) -> list[tuple[Approval, Asked, bool]]:
    """Each request, as a letter names it, and whether this letter is the last about it."""
    rows = {row.id: row for row in session.scalars(select(Approval).where(Approval.id.in_([one.approval_id for one in unsaid])))}
    seen = {one.approval_id: one for one in shown(session, list(rows.values()))}
    return [(rows[one.approval_id], _named(seen[one.approval_id], rows[one.approval_id], one), one.is_late) for one in unsaid]


def _named(seen: Shown, row: Approval, one: Unsaid) -> Asked:
    return Asked(row.id, row.asked_by_name, seen.preview, row.expires_at, one.is_told, seen.bulk.count if seen.bulk else 0)
