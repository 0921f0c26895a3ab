"""Facts that the claim reads: opt-outs, stops and pauses of lanes, written by the gate in the transaction that makes them true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outbox.content import Channel
from outbox.tables import Lane, Stop, Suppression

Source = Literal["agent", "import", "person", "customer", "provider"]
"""Whose word it is that somebody must not be messaged."""
WEAK: frozenset[str] = frozenset({"agent", "import"})
"""Words that an agent may take back; for the others it takes a person."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """Why somebody must not be messaged, and whose word that is."""

    reason: str
    source: Source = "customer"


def suppress(session: Session, workspace: UUID, place: tuple[str, str], opt_out: OptOut) -> None:
    """From this commit on, no claim takes an intent for this channel and recipient, in whatever case it is written; a weaker word leaves a stronger one."""
    row = {**_at(workspace, place), "reason": opt_out.reason, "source": opt_out.source}
    new = insert(Suppression).values(row)
    stronger = {"reason": opt_out.reason, "source": opt_out.source, "at": func.now()}
    keys = [Suppression.workspace_id, Suppression.channel, Suppression.recipient]
    weaker = Suppression.source.in_(WEAK)
    session.execute(new.on_conflict_do_nothing() if opt_out.source in WEAK else new.on_conflict_do_update(index_elements=keys, set_=stronger, where=weaker))


def unsuppress(session: Session, workspace: UUID, place: tuple[str, str]) -> bool:
    """Let this channel and recipient be messaged again; False when nothing stood against it, or the database lets only a person lift it."""
    return _lift(session, workspace, place)


def hear_start(session: Session, workspace: UUID, place: tuple[str, str]) -> bool:
    """Let them be messaged again on the customer's own word, which takes back what the customer or an agent said, and nobody else's."""
    return _lift(session, workspace, place, Suppression.source.in_({"customer", *WEAK}))


def _lift(session: Session, workspace: UUID, place: tuple[str, str], *only: ColumnElement[bool]) -> bool:
    mine = (getattr(Suppression, name) == value for name, value in _at(workspace, place).items())
    return session.scalar(delete(Suppression).where(*mine, *only).returning(Suppression.channel)) is not None


def _at(workspace: UUID, place: tuple[str, str]) -> dict[str, Any]:
    channel, recipient = place
    return {"workspace_id": workspace, "channel": channel, "recipient": func.lower(recipient)}


def suppressed(session: Session, workspace: UUID, channel: str) -> frozenset[str]:
    """The addresses, in lower case, that must not be messaged on this channel."""
    return frozenset(session.scalars(select(Suppression.recipient).where(Suppression.workspace_id == workspace, Suppression.channel == channel)))


def is_suppressed(session: Session, workspace: UUID, place: tuple[str, str]) -> bool:
    """Whether no claim takes anything for this channel and recipient."""
    there = (getattr(Suppression, name) == value for name, value in _at(workspace, place).items())
    return session.scalar(select(Suppression.channel).where(*there)) is not None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stop holds: what one key asked for, one channel, one request; with none of them the whole workspace."""

    key: UUID | None = None
    channel: Channel | None = None
    approval: UUID | None = None

    @property
    def columns(self) -> dict[str, UUID | str | None]:
        """As a stop's row names it."""
        return {"asked_by_id": self.key, "channel": self.channel, "approval_id": self.approval}


EVERYTHING = Scope()


def stop(session: Session, workspace: UUID, scope: Scope, reason: str) -> None:
    """From this commit on, no claim takes an intent of this scope; the first reason is kept."""
    if not stops(session, workspace, scope):
        session.add(Stop(workspace_id=workspace, reason=reason, **scope.columns))
        session.flush()


def stops(session: Session, workspace: UUID, scope: Scope) -> list[Stop]:
    """The stops of exactly this scope that hold now."""
    return list(session.scalars(select(Stop).where(*_same(workspace, scope))))


def lift(session: Session, workspace: UUID, scope: Scope) -> bool:
    """Lift every stop of exactly this scope; False when none held."""
    lifted = update(Stop).where(*_same(workspace, scope)).values(lifted_at=func.now()).returning(Stop.id)
    return bool(session.scalars(lifted).all())


def _same(workspace: UUID, scope: Scope) -> list[ColumnElement[bool]]:
    same = [getattr(Stop, name).is_not_distinct_from(value) for name, value in scope.columns.items()]
    return [Stop.workspace_id == workspace, Stop.lifted_at.is_(None), *same]


def pause_lane(session: Session, lane: str, reason: str) -> bool:
    """From this commit on, no claim takes anything of this lane; the first reason is kept. False when there is no such lane."""
    kept = {"paused_at": func.coalesce(Lane.paused_at, func.now()), "pause_reason": func.coalesce(Lane.pause_reason, reason)}
    return session.scalar(update(Lane).where(Lane.id == lane).values(kept).returning(Lane.id)) is not None


def resume_lane(session: Session, lane: str) -> bool:
    """Let claims take of this lane again; False when there is no such lane."""
    return session.scalar(update(Lane).where(Lane.id == lane).values(paused_at=None, pause_reason=None).returning(Lane.id)) is not None
