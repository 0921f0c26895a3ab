"""What a person settles when sending stands still or must: a doubt, a dead letter, a pause.

Everything happens in the caller's transaction. The first word wins by compare-and-set on state and attempt; whoever comes later is told how it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.permitted import check_still_allowed
from approvals.policing import held
from kernel.db import after_commit, raw
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.settings import Settings
from outbox import facts, wake
from outbox.attempts import Observation, record
from outbox.events import note
from outbox.facts import EVERYTHING, Scope
from outbox.states import Move, State, move

Verdict = Literal["sent", "again", "give_up"]
What = Literal["workspace", "key", "channel", "request", "lane"]
VERDICTS: dict[Verdict, tuple[State, str]] = {
    "sent": (State.SENT, "sent"),
    "again": (State.READY, "again"),
    "give_up": (State.FAILED, "given_up"),
}
"""Where each verdict leads, and what the record of attempts calls it."""


class NotInDoubt(Conflict):
    """This send is not in doubt, so there is nothing to settle."""

    code = "not_in_doubt"
    next_step = "Nothing to do: read its state, it was settled before you."


class NotDead(Conflict):
    """This send is no dead letter, so there is nothing to replay."""

    code = "not_dead"
    next_step = "Nothing to do: read its state, somebody was here before you."


class LeftAlone(Conflict):
    """Somebody left this one as it is, so there is nothing more to do."""

    code = "left_alone"
    next_step = "Nothing to do; if it still matters, ask for a new one."


class SendExpired(Conflict):
    """The time by which it had to leave has passed, so it is not sent any more."""

    code = "send_expired"
    next_step = "If it still matters, ask for a new one."


class ContentErased(Conflict):
    """Its content was erased, so there is nothing that could be sent."""

    code = "content_erased"
    next_step = "If it still matters, ask for a new one."


class ProvedSent(Conflict):
    """The provider took it after all, so it is not sent a second time."""

    code = "proved_sent"
    next_step = "Nothing to do: the evidence stands with the send."


class MayNotOperate(Forbidden):
    """Only an owner or a manager settles doubts, replays and pauses."""

    code = "may_not_operate"
    next_step = "Ask an owner or a manager of the workspace."


class OperatorOnly(Forbidden):
    """Several workspaces may share a lane, so only an operator pauses one."""

    code = "operator_only"
    next_step = "Pause your workspace, a channel of it or a key instead, or ask somebody whom SAYSO_OPERATOR_EMAILS names."


@dataclass(frozen=True, slots=True)
class Standing:
    """How an intent stands at this moment."""

    state: str
    attempt: int
    lane: str
    changed_at: datetime
    keyed: bool
    expired: bool
    erased: bool
    proved: bool
    """Whether the provider itself said that it took it."""
    left: bool
    """Whether a person left it as it is."""


STANDING = """
SELECT d.state, d.attempt, d.lane, d.changed_at, d.order_key IS NOT NULL AS keyed,
       coalesce(i.expires_at <= now(), false) AS expired, c.wiped_at IS NOT NULL OR c.snapshot = '' AS erased,
       EXISTS (SELECT FROM attempt a WHERE a.intent_id = d.intent_id AND a.source <> 'person' AND a.outcome IN ('accepted', 'sent', 'delivered')) AS proved,
       was_left(d.intent_id, d.attempt) AS left
FROM every_delivery d JOIN intent i ON i.id = d.intent_id JOIN content c ON c.intent_id = d.intent_id
WHERE d.intent_id = %s AND d.workspace_id = %s
"""


def resolve(session: Session, person: Person, intent: UUID, verdict: Verdict, reason: str) -> State:
    """Settle a doubt; answers where the send went: where the provider's word leads, when it spoke of an earlier attempt.

    Raises MayNotOperate, NotFound, NotInDoubt, and what forbids to send.
    """
    stands = _standing(session, person, intent)
    if stands.state != State.IN_DOUBT:
        raise _overtaken(NotInDoubt, stands)
    to, outcome = VERDICTS[verdict]
    if to is State.READY:
        _check_sendable(session, person, intent, stands)
    is_again = to is State.READY
    wish = Move(intent, (State.IN_DOUBT,), to, attempt=stands.attempt, delay=0.0 if is_again else None, again=is_again)
    ended = _apply(session, stands, wish)
    if ended is None:
        raise _overtaken(NotInDoubt, _standing(session, person, intent))
    record(raw(session), [Observation(intent, person.workspace_id, stands.attempt, "person", outcome, reason)])
    _note(session, person, "doubt.resolved", str(intent), verdict=verdict, attempt=stands.attempt)
    return ended


def replay(session: Session, person: Person, intent: UUID, reason: str = "") -> State:
    """Let a dead letter try again from the first try, with the bytes that were approved. Raises MayNotOperate, NotFound, NotDead, and what forbids to send."""
    stands = _standing(session, person, intent)
    if stands.state != State.FAILED:
        raise _overtaken(NotDead, stands)
    if stands.left:
        raise LeftAlone
    _check_sendable(session, person, intent, stands)
    # A keyed one goes behind: only a tick of its lane chooses which of a key's intents leads.
    to = State.BLOCKED if stands.keyed else State.READY
    ended = _apply(session, stands, Move(intent, (State.FAILED,), to, attempt=stands.attempt, delay=0.0, again=True))
    if ended is None:
        raise _overtaken(NotDead, _standing(session, person, intent))
    record(raw(session), [Observation(intent, person.workspace_id, stands.attempt, "person", "replayed", reason)])
    _note(session, person, "dead_letter.replayed", str(intent), attempt=stands.attempt)
    return ended


def leave(session: Session, person: Person, intent: UUID, reason: str) -> State:
    """Leave a dead letter as it is: it is listed no more. Raises MayNotOperate, NotFound, NotDead, LeftAlone."""
    stands = _standing(session, person, intent)
    if stands.state != State.FAILED:
        raise _overtaken(NotDead, stands)
    if stands.left:
        raise LeftAlone
    record(raw(session), [Observation(intent, person.workspace_id, stands.attempt, "person", "left", reason)])
    _note(session, person, "dead_letter.left", str(intent), attempt=stands.attempt)
    return State.FAILED


def _standing(session: Session, person: Person, intent: UUID) -> Standing:
    if not person.may_decide:
        raise MayNotOperate
    found = raw(session).cursor(row_factory=class_row(Standing)).execute(STANDING, (intent, person.workspace_id)).fetchone()
    if found is None:
        raise NotFound
    return found


def _check_sendable(session: Session, person: Person, intent: UUID, stands: Standing) -> None:
    """Raises SendExpired, ContentErased, ProvedSent, PolicyRefused."""
    if stands.expired:
        raise SendExpired
    if stands.erased:
        raise ContentErased
    if stands.proved:
        raise ProvedSent
    check_still_allowed(session, person.workspace_id, held(session, person.workspace_id), [intent])


def _apply(session: Session, stands: Standing, wish: Move) -> State | None:
    """Where the move led; None when it stands no more where it stood."""
    moved = move(raw(session), [wish]).fetchone()
    if moved and moved.state in (State.READY, State.BLOCKED):
        after_commit(session, lambda: wake.ring([stands.lane]))
    return State(moved.state) if moved else None


def _overtaken(refusal: type[Conflict], stands: Standing) -> Conflict:
    state, when = stands.state.replace("_", " "), stands.changed_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return refusal(f"This send is {state} since {when}.", state=stands.state)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is paused: the whole workspace, what one key asked for, a channel, a request, or a lane with everybody in it."""

    what: What
    scope: Scope = EVERYTHING
    lane: str = ""

    @property
    def shown(self) -> str:
        """How the audit names it."""
        return str(next(filter(None, self.scope.columns.values()), None) or self.lane or self.what)


def is_operator(person: Person, settings: Settings) -> bool:
    """Whether SAYSO_OPERATOR_EMAILS names this person."""
    return person.email.lower() in {email.strip().lower() for email in settings.operator_emails.split(",") if email.strip()}


def may_operate(person: Person, settings: Settings) -> bool:
    """Whether this person has a hand on anything at all."""
    return person.may_decide or is_operator(person, settings)


def pause(session: Session, person: Person, subject: Subject, reason: str, settings: Settings) -> None:
    """From this commit on, nothing more of the subject leaves; what is being called goes on. Raises MayNotOperate, OperatorOnly, NotFound."""
    _check_hand(person, subject, settings)
    if subject.what == "lane":
        if not facts.pause_lane(session, subject.lane, reason):
            raise NotFound
    else:
        _stop(session, person.workspace_id, subject.scope, reason)
    _note(session, person, "sending.paused", subject.shown, what=subject.what, reason=reason)


def resume(session: Session, person: Person, subject: Subject, reason: str, settings: Settings) -> None:
    """Let the subject leave again. Raises MayNotOperate, OperatorOnly, NotFound when nothing of ours is paused under this name."""
    _check_hand(person, subject, settings)
    lanes = [subject.lane] if subject.what == "lane" else _waiting_lanes(session, person.workspace_id)
    if not (facts.resume_lane(session, subject.lane) if subject.what == "lane" else facts.lift(session, person.workspace_id, subject.scope)):
        msg = "Nothing of yours is paused under this name."
        raise NotFound(msg, next_step="See what is paused: list_lanes.")
    _note(session, person, "sending.resumed", subject.shown, what=subject.what, reason=reason)
    after_commit(session, lambda: wake.ring(lanes))


def stop(session: Session, workspace: UUID, key: UUID, reason: str) -> None:
    """Hold what this key asked for. Raises NotFound when the workspace has no such key."""
    _stop(session, workspace, Scope(key=key), reason)


def _stop(session: Session, workspace: UUID, scope: Scope, reason: str) -> None:
    try:
        with session.begin_nested():
            facts.stop(session, workspace, scope, reason)
    except IntegrityError:
        raise NotFound from None


def _check_hand(person: Person, subject: Subject, settings: Settings) -> None:
    if subject.what == "lane" and not is_operator(person, settings):
        raise OperatorOnly
    if subject.what != "lane" and not person.may_decide:
        raise MayNotOperate


def _waiting_lanes(session: Session, workspace: UUID) -> list[str]:
    waiting = "SELECT DISTINCT lane FROM delivery WHERE workspace_id = %s AND state IN ('ready', 'blocked')"
    return raw(session).cursor(row_factory=scalar_row).execute(waiting, (workspace,)).fetchall()


def _note(session: Session, person: Person, deed: str, subject: str, **detail: object) -> None:
    note(session, person.as_actor(), deed, subject, **detail)
