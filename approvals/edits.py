"""Editing before approving: a person changes the words, never the recipient; a new request takes the old one's place and is voted on at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.decide import DigestChanged, MayNotDecide, decide, why_not
from approvals.endings import close, end_links, tell
from approvals.facts import parts_of
from approvals.notices import audience, tell_deciders
from approvals.people import Person
from approvals.tables import Approval, ApprovalItem, ManifestRow
from approvals.versions import words_of
from approvals.votes import Decision
from kernel.arguments import fitted
from kernel.call import Call, Caller, CallerKind
from kernel.clock import now
from kernel.db import raw
from kernel.errors import Conflict, NotFound
from kernel.keys import new_id, show
from kernel.settings import Settings
from kernel.traces import Span
from outbox.content import Content, Preview
from outbox.events import Actor
from outbox.intents import Drafted, append
from outbox.snapshot import Snapshot, thaw
from outbox.states import Move, State, move
from outbox.tables import ContentRow, Intent

COPY = """
INSERT INTO approval (id, workspace_id, supersedes, digest,
    facts, ruling, action, needs, not_alone, summary, thread_id, agent_id, asked_by_kind, asked_by_id, asked_by_name, expires_at)
SELECT %(new)s, workspace_id, id, %(digest)s,
    facts || %(facts)s::jsonb, ruling,
    action, needs, not_alone, summary, thread_id, agent_id, asked_by_kind, asked_by_id, asked_by_name, expires_at
FROM approval WHERE id = %(old)s
"""
COVER = """
INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
SELECT %(new)s, %(intent)s, workspace_id, position, %(digest)s FROM approval_item WHERE approval_id = %(old)s
"""


class NotEditable(Conflict):
    """The words of this request cannot be changed."""

    code = "not_editable"
    next_step = "Approve it as it is, or reject it and say what should change."


@dataclass(frozen=True, slots=True)
class Draft:
    """A request with the words a person would have instead: what was asked for, and what would be sent."""

    intent: Intent
    asked: Snapshot
    edited: Snapshot

    @property
    def is_changed(self) -> bool:
        """Whether any word differs."""
        return self.asked.digest != self.edited.digest

    @property
    def preview(self) -> Preview:
        """The new version as it would be sent."""
        return self.edited.content.preview(self.edited.sender)

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """Each field that may change: its name, the words asked for and the words now."""
        new = words_of(self.edited.content)
        return [(field, old, new[field]) for field, old in words_of(self.asked.content).items()]


@dataclass(frozen=True, slots=True)
class Revision:
    """A person's decision over a request as it was shown, with other words in it, and the digest of what that makes."""

    decision: Decision
    words: Mapping[str, str]
    digest: bytes


def draft(session: Session, workspace: UUID, approval: UUID, words: Mapping[str, str]) -> Draft:
    """The one send of a request with these words in it; writes nothing. Raises NotFound, NotEditable, InvalidArguments."""
    mine = select(Intent, ContentRow.snapshot).join(ApprovalItem, ApprovalItem.intent_id == Intent.id).join(ContentRow, ContentRow.intent_id == Intent.id)
    found = session.execute(mine.where(ApprovalItem.approval_id == approval, Intent.workspace_id == workspace, ContentRow.sealed.is_(False))).all()
    if not found:
        raise NotFound
    if len(found) > 1 or not found[0].snapshot or session.get(ManifestRow, approval) is not None:
        raise NotEditable
    asked = thaw(found[0].snapshot)
    return Draft(found[0].Intent, asked, replace(asked, content=_reworded(asked.content, words)))


def _reworded(content: Content, words: Mapping[str, str]) -> Content:
    """The content with other words; what a form did to the ends of its lines changes nothing."""
    old = words_of(content)
    if not old:
        raise NotEditable
    new = {field: _lines(text) for field, text in words.items() if field in old and _lines(text) != _lines(old[field])}
    return fitted(type(content), content.frozen() | new) if new else content


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def revise(session: Session, settings: Settings, person: Person, wanted: Revision) -> UUID:
    """Put the edited version in the request's place and vote for it; answers the version that stands.

    One vote over the new digest: where more people are needed, they are asked anew, for their votes were over other words.
    Words that change nothing are a plain decision. Raises NotEditable, InvalidArguments and what `decide` raises; then nothing was written.
    """
    decision = wanted.decision
    if not person.may_vote:
        raise MayNotDecide
    old = locked(session, person, decision)
    made = draft(session, person.workspace_id, old.id, wanted.words)
    if made.edited.digest != wanted.digest:
        raise DigestChanged
    if not made.is_changed:
        decide(session, person, decision)
        return old.id
    by = person.as_actor()
    new = _put_in_place(session, settings, by, old.id, made)
    is_settled = decide(session, person, replace(decision, approval=new, digest=wanted.digest))
    end_links(session, [old.id])
    if not is_settled:
        ask_others(session, settings, person, new, [made.preview])
    return new


def locked(session: Session, person: Person, decision: Decision) -> Approval:
    """The request as this decision was shown it, locked. Raises what `why_not` tells."""
    mine = (Approval.id == decision.approval, Approval.workspace_id == person.workspace_id)
    # As every other writer locks it first; whoever comes second reads here what the first has made of it.
    row = session.scalar(select(Approval).where(*mine).with_for_update(key_share=True).execution_options(populate_existing=True))
    if row is None or row.state != "pending" or row.digest != decision.digest or row.expires_at <= now():
        raise why_not(row, decision)
    return row


def _put_in_place(session: Session, settings: Settings, by: Actor, old: UUID, made: Draft) -> UUID:
    """Write the new version, asked for by whoever asked for the old one, and end the old one; its links speak once more, for the vote."""
    line, intent = raw(session), made.intent
    new, digest = new_id(), made.edited.digest
    drafted = Drafted(new_id(), intent.lane, made.edited, intent.order_key)
    # It stays the send of whoever asked for it, to stop and to take back.
    with Span("edit", parent=intent.traceparent):
        append(line, Caller(cast("CallerKind", intent.asked_by_kind), intent.asked_by_id, intent.asked_by_name), [drafted], settings.secrets)
    line.execute(COPY, {"new": new, "old": old, "digest": digest, "facts": Jsonb({"parts": parts_of([made.edited.content])})})
    line.execute(COVER, {"new": new, "old": old, "digest": digest, "intent": drafted.id})
    close(session, by, [old], "superseded")
    if not move(line, [Move(intent.id, (State.HELD,), State.CANCELLED)]).fetchall():
        raise NotEditable
    tell(session, by, "superseded", old, version=show("apr", new))
    tell(session, by, "edited", new, digest=digest.hex(), fields=[field for field, before, after in made.words if before != after])
    return new


def ask_others(session: Session, settings: Settings, person: Person, new: UUID, preview: Sequence[Preview]) -> None:
    """Everybody else who may decide gets a letter about the version that stands."""
    call = Call(session, person.as_caller(), person.workspace_id, now(), settings)
    approval = session.get_one(Approval, new)
    tell_deciders(call, approval, preview, audience(call, approval.expires_at).without(person.id))
