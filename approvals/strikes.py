"""Leaving people out before approving: a list gets shorter and never longer; the shorter one takes the request's place and is voted on at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals import manifests
from approvals.decide import DigestChanged, MayNotDecide, decide
from approvals.edits import COPY, NotEditable, ask_others, locked
from approvals.endings import close, end_links, tell
from approvals.facts import Facts, parts_of
from approvals.manifests import LeftOut, Manifest
from approvals.people import Person
from approvals.requests import intents_of
from approvals.tables import Approval, ApprovalItem
from approvals.votes import Decision
from kernel.db import raw
from kernel.errors import Conflict, NotFound
from kernel.keys import new_id, show
from kernel.settings import Settings
from outbox.events import Actor
from outbox.snapshot import Snapshot, thaw
from outbox.states import Move, State, move
from outbox.tables import ContentRow

MOST = 200
"""So many may be left out at once; whoever wants more asks for another list."""
KEEP = """
INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
SELECT %s, intent_id, workspace_id, position, digest FROM approval_item WHERE approval_id = %s AND position <> ALL(%s)
"""


class TooManyLeftOut(Conflict):
    """That leaves nobody, or more people out than can be left out by hand."""

    code = "too_many_left_out"
    next_step = "Leave at most 200 people out, and somebody in; or reject it and say who should get it."


@dataclass(frozen=True, slots=True)
class Shorter:
    """A list without some of its people: who they are, the facts of the rest, and the digest that makes."""

    struck: list[UUID]
    parts: dict[str, int]
    """What of those who are left out would have been billed."""
    manifest: Manifest
    digest: bytes


@dataclass(frozen=True, slots=True)
class Strike:
    """A person's decision over a list as it was shown, without the people at these places, and the digest of what that makes."""

    decision: Decision
    places: Sequence[int]
    digest: bytes


def without(session: Session, workspace: UUID, approval: UUID, places: Sequence[int]) -> Shorter:
    """The list of a request without the people at these places; writes nothing. Raises NotFound, NotEditable, TooManyLeftOut."""
    mine = (ApprovalItem.approval_id == approval, ApprovalItem.workspace_id == workspace)
    items = session.execute(select(ApprovalItem.position, ApprovalItem.intent_id, ApprovalItem.digest).where(*mine).order_by(ApprovalItem.position)).all()
    if not items:
        raise NotFound
    manifest = manifests.read(session, workspace, [approval]).get(approval)
    if manifest is None:
        raise NotEditable
    struck = [intent for place, intent, _ in items if place in set(places)]
    if len(struck) > MOST or len(struck) == len(items):
        raise TooManyLeftOut
    gone = _frozen(session, struck)
    shorter = _shorter(manifest, gone)
    return Shorter(
        struck, parts_of([frozen.content for frozen in gone]), shorter, shorter.digest_over(digest for place, _, digest in items if place not in set(places))
    )


def _frozen(session: Session, struck: Sequence[UUID]) -> list[Snapshot]:
    bodies = session.scalars(select(ContentRow.snapshot).where(ContentRow.intent_id.in_(struck), ContentRow.snapshot != b"").order_by(ContentRow.intent_id))
    gone = [thaw(body) for body in bodies]
    if len(gone) != len(struck):
        raise NotEditable
    return gone


def _shorter(manifest: Manifest, struck: Sequence[Snapshot]) -> Manifest:
    gone = [frozen.content.preview(frozen.sender) for frozen in struck]
    segments = (manifest.segments or 0) - sum(preview.segments or 0 for preview in gone)
    left_out = (*manifest.left_out, *(LeftOut("", preview.recipient, "struck") for preview in gone))
    return replace(manifest, count=manifest.count - len(gone), segments=segments or None, left_out=left_out)


def strike(session: Session, settings: Settings, person: Person, wanted: Strike) -> UUID:
    """Put the shorter list in the request's place and vote for it; answers the version that stands.

    One vote over the new digest: where more people are needed, they are asked anew. The database refuses a list that has grown.
    Raises NotEditable, TooManyLeftOut and what `decide` raises; then nothing was written.
    """
    decision = wanted.decision
    if not person.may_vote:
        raise MayNotDecide
    old = locked(session, person, decision)
    made = without(session, person.workspace_id, old.id, wanted.places)
    if not made.struck or made.digest != wanted.digest:
        raise DigestChanged
    new = _put_in_place(session, person.as_actor(), old, wanted.places, made)
    is_settled = decide(session, person, replace(decision, approval=new, digest=made.digest))
    end_links(session, [old.id])
    if not is_settled:
        preview = [frozen.content.preview(frozen.sender) for frozen in _frozen(session, intents_of(session, new))]
        ask_others(session, settings, person, new, preview)
    return new


def _put_in_place(session: Session, by: Actor, row: Approval, places: Sequence[int], made: Shorter) -> UUID:
    line, old, new = raw(session), row.id, new_id()
    parts = Counter(Facts.model_validate(row.facts).parts)
    parts.subtract(made.parts)
    facts = {"parts": dict(+parts), "recipients": made.manifest.count}
    line.execute(COPY, {"new": new, "old": old, "digest": made.digest, "facts": Jsonb(facts)})
    line.execute(KEEP, (new, old, list(places)))
    manifests.write(line, new, by.workspace, made.manifest)
    close(session, by, [old], "superseded")
    move(line, [Move(intent, (State.HELD,), State.CANCELLED) for intent in made.struck])
    tell(session, by, "superseded", old, version=show("apr", new))
    tell(session, by, "shortened", new, digest=made.digest.hex(), struck=[show("int", intent) for intent in made.struck])
    return new
