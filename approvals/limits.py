"""What policies say of the moment in which something is granted: what it takes of the day's budgets, and how long it still waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.budgets import LimitReached, Taking, reserve, take
from approvals.facts import Facts, parts_of, place_of
from approvals.policies import quiet_hours
from approvals.rulings import policies
from approvals.verdicts import PolicySettings
from kernel.clock import now
from kernel.db import raw
from kernel.tenancy import Workspace
from outbox.content import Content
from outbox.quiet import hush, reason
from outbox.snapshot import thaw
from outbox.states import Move, Moved, State, move
from outbox.tables import ContentRow


def keep_within(session: Session, workspace: UUID, settings: Mapping[str, PolicySettings], intents: Sequence[UUID]) -> None:
    """Take what these sends need of today's budgets. Raises LimitReached; then nothing of the caller's transaction may stand."""
    if not any(_draws(name, settings) for name in policies()):
        return
    rows = session.execute(select(ContentRow.intent_id, ContentRow.snapshot).where(ContentRow.intent_id.in_(intents))).all()
    takings = due(settings, session.get_one(Workspace, workspace).country, {row.intent_id: thaw(row.snapshot).content for row in rows if row.snapshot})
    take(raw(session), workspace, takings)
    reserve(raw(session), workspace, takings)


def _draws(name: str, settings: Mapping[str, PolicySettings]) -> bool:
    return name in ("audience", "spend") and getattr(settings[name], "per_day", None) is not None


def due(settings: Mapping[str, PolicySettings], home: str | None, sends: Mapping[UUID, Content]) -> list[Taking]:
    """What each send takes of each budget by these settings. Raises LimitReached for one that no day's budget holds."""
    takings = []
    for intent, content in sends.items():
        facts = Facts(action="", recipients=1, parts=parts_of([content]), leaves_at=now(), home=home)
        for name, policy in policies().items():
            said = policy.judge(facts, settings[name]) if _draws(name, settings) else None
            if said and said.is_refused:
                raise LimitReached(said.why, next_step=said.next_step, policies=[policy.label])
            if said and said.draw:
                takings.append(Taking(intent, name, "", said.draw.amount, said.draw.cap, said.why))
    return takings


def put_off(session: Session, workspace: UUID, settings: Mapping[str, PolicySettings], moved: Sequence[Moved]) -> list[Moved]:
    """Let what was just granted leave in no quiet hours where it goes, whenever that will be; answers where each stands then."""
    hours = settings["quiet_hours"]
    if not isinstance(hours, quiet_hours.Settings) or hours.begins is None or hours.ends is None:
        return list(moved)
    line, moment, places = raw(session), now(), _places(session, workspace, moved)
    hush(line, workspace, places, (hours.begins, hours.ends))
    wishes = []
    for one in moved:
        place, due_at = places[one.intent_id], max(moment, one.due_at)
        until = quiet_hours.awake(due_at, [place], hours)
        if until > due_at and one.state == State.READY:
            why = reason(until, place, (hours.begins, hours.ends))
            wishes.append(Move(one.intent_id, (State.READY,), State.READY, delay=(until - moment).total_seconds(), wait_reason=why))
    later = {one.intent_id: one for one in move(line, wishes).fetchall()} if wishes else {}
    return [later.get(one.intent_id, one) for one in moved]


def _places(session: Session, workspace: UUID, moved: Sequence[Moved]) -> dict[UUID, str]:
    """On which clock each arrives: the recipient's, or the business's own."""
    ours = session.get_one(Workspace, workspace).zone
    found = session.execute(select(ContentRow.intent_id, ContentRow.recipient).where(ContentRow.intent_id.in_([one.intent_id for one in moved])))
    return {row.intent_id: place_of(row.recipient).zone or ours for row in found}
