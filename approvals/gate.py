"""The only door to the outbox for the business: submit for approval, cancel, and tell the outbox the facts its claim must know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Row, select

from approvals import manifests
from approvals.budgets import Taking, reserve
from approvals.endings import end, tell
from approvals.facts import gather
from approvals.floods import check_pending
from approvals.limits import put_off
from approvals.manifests import Manifest
from approvals.moot import drop_moot
from approvals.notices import Reader, audience, tell_deciders
from approvals.permitted import check_still_allowed
from approvals.policing import held
from approvals.requests import Pending, covered_by, digest_over, intents_of
from approvals.rulings import Ruling, judge, settings_of
from approvals.standing import Covering, answering
from approvals.tables import Approval
from approvals.verdicts import PolicySettings
from approvals.versions import newest, newest_of
from approvals.wanted import check_wanted
from kernel.call import Call, Caller
from kernel.db import after_commit, raw
from kernel.errors import Conflict, Forbidden, InvalidArguments, NotFound
from kernel.keys import new_id, show
from outbox import facts, wake
from outbox.content import Content, Preview
from outbox.events import Actor, happened, note
from outbox.grants import give_standing
from outbox.intents import Drafted, append
from outbox.senders import account_for
from outbox.sends import find
from outbox.snapshot import Snapshot
from outbox.states import Move, State, move
from outbox.tables import Intent

EXPIRES_IN = timedelta(hours=24)
Source = facts.Source
"""Whose word it is that somebody must not be messaged."""
WEAK = facts.WEAK
ASK = """
INSERT INTO approval (id, workspace_id, action, digest, summary, thread_id, agent_id,
    asked_by_kind, asked_by_id, asked_by_name, expires_at, needs, not_alone, facts, ruling, standing_id)
VALUES (%(id)s, %(workspace_id)s, %(action)s, %(digest)s, %(summary)s, %(thread_id)s, %(agent_id)s,
    %(asked_by_kind)s, %(asked_by_id)s, %(asked_by_name)s, %(expires_at)s, %(needs)s, %(not_alone)s, %(facts)s, %(ruling)s, %(standing_id)s)
"""
ALLOW = """
UPDATE approval SET state = 'approved', decided_at = now(), decided_by = %(made_by)s, decided_by_name = %(name)s, decided_via = 'standing',
    ended_at = now(), ended_by_name = %(name)s WHERE id = %(approval)s
"""
COVER = """
INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
SELECT %s, n.intent_id, %s, n.place - 1, n.digest FROM unnest(%s::uuid[], %s::bytea[]) WITH ORDINALITY AS n (intent_id, digest, place)
"""


class AlreadyLeft(Conflict):
    """It is too late to cancel this."""

    code = "already_left"
    next_step = "Ask get_send_status what became of it."
    keeps = True


ON_ITS_WAY = "It is with the provider at this moment, or may be: if the provider did not take it, it is cancelled and not sent again."


class NotPending(Conflict):
    """This request is no longer pending."""

    code = "not_pending"
    next_step = "Ask get_send_status what became of it."


class NotYours(Forbidden):
    """Another key asked for this."""

    code = "not_yours"
    next_step = "Leave it to the key that asked, or ask a person to take it back in the portal."


@dataclass(frozen=True, slots=True)
class Draft:
    """What an operation wants to send: the content, and the earliest and latest moment (aware, any zone)."""

    content: Content
    not_before: datetime | None = None
    expires_at: datetime | None = None
    order_key: str | None = None


def submit(call: Call, action: str, drafts: Sequence[Draft]) -> Pending:
    """Freeze the drafts, hold them, and ask the workspace's deciders; nothing leaves until one of them says so."""
    frozen = [freeze(call, draft) for draft in drafts]
    pending = hold(call, action, frozen, [preview_of(draft) for draft in frozen])
    return pending.model_copy(update={"intent_ids": [draft.id for draft in frozen]})


def preview_of(draft: Drafted) -> Preview:
    """What an approver sees of it."""
    return draft.snapshot.content.preview(draft.snapshot.sender)


def hold(call: Call, action: str, frozen: Sequence[Drafted], preview: Sequence[Preview], manifest: Manifest | None = None) -> Pending:
    """Hold what was frozen, under its manifest where it goes to many, and ask the workspace's deciders."""
    digests = [draft.digest for draft in frozen]
    call.session.flush()
    if manifest is None:
        check_wanted(call, frozen)
    ruling, settings = _rule(call, action, frozen)
    covered = answering(call, action, frozen[0], settings) if ruling.may_stand and manifest is None else None
    to = _readers(call) if covered is None else []
    line = raw(call.session)
    # Nothing below is read back, so it all travels together.
    with line.pipeline():
        append(line, call.caller, frozen, call.settings.secrets)
        approval = _ask(call, action, manifest.digest_over(digests) if manifest else digest_over(digests), ruling, covered and covered[0])
        line.execute(COVER, (approval.id, call.workspace, [draft.id for draft in frozen], digests))
        if manifest:
            manifests.write(line, approval.id, call.workspace, manifest)
        sole = {"sole_owner": True} if ruling.is_sole_owner else {}
        tell(call.session, Actor.of(call), "requested", approval.id, digest=approval.digest.hex(), action=action, needs=ruling.needs, **sole)
        tell_deciders(call, approval, preview, to)
    if covered:
        _allow(call, approval, covered, settings)
    return Pending(
        approval_id=approval.id,
        digest=approval.digest.hex(),
        expires_at=approval.expires_at,
        intent_ids=[],
        preview=list(preview if manifest is None else preview[: manifests.SHOWN]),
        bulk=manifest and manifests.told(manifest, {State.HELD: manifest.count}),
        **(covered_by(covered[0].id) if covered else {}),
    )


def freeze(call: Call, draft: Draft, priority: int | None = None) -> Drafted:
    """The draft as the exact bytes that would leave. Raises InvalidArguments."""
    if not draft.content.gated:
        msg = f"{draft.content.kind} is not for customers"
        raise InvalidArguments(msg)
    account = account_for(call.session, call.settings, call.workspace, draft.content.channel)
    snapshot = Snapshot(call.workspace, account.sender, draft.content, draft.not_before, draft.expires_at)
    return Drafted(new_id(), account.lane, snapshot, draft.order_key, priority)


def _rule(call: Call, action: str, drafts: Sequence[Drafted]) -> tuple[Ruling, dict[str, PolicySettings]]:
    known, chosen = gather(call, action, drafts)
    settings = settings_of(chosen)
    ruling = judge(known, settings)
    ruling.check()
    return ruling, settings


def _readers(call: Call) -> Sequence[Reader]:
    """Who is told at once, of what waits for a person."""
    check_pending(call)
    return audience(call, _ends(call)).at_once


def _allow(call: Call, approval: Approval, covered: tuple[Covering, list[Taking]], settings: dict[str, PolicySettings]) -> None:
    """What a standing approval covers is granted at once; the database counts and compares for itself."""
    standing, takings = covered
    line, intent = raw(call.session), takings[0].intent
    if (today := held(call.session, call.workspace)) != settings:
        check_still_allowed(call.session, call.workspace, today, [intent])
    line.execute(ALLOW, {"made_by": standing.made_by, "name": standing.made_by_name, "approval": approval.id})
    reserve(line, call.workspace, takings)
    granted = put_off(call.session, call.workspace, settings, give_standing(line, [intent], approval.id, standing.id))
    by = Actor(call.workspace, Caller("system", None, f"the standing approval of {standing.made_by_name}"))
    tell(call.session, by, "approved", approval.id, digest=approval.digest.hex(), standing=show("sta", standing.id))
    after_commit(call.session, lambda: wake.ring({moved.lane for moved in granted}))


def _ends(call: Call) -> datetime:
    return call.moment + (call.asking.expires_in or EXPIRES_IN)


def _ask(call: Call, action: str, digest: bytes, ruling: Ruling, covering: Covering | None) -> Approval:
    asking = call.asking
    row = {
        "id": new_id(),
        "workspace_id": call.workspace,
        "action": action,
        "digest": digest,
        "summary": asking.summary,
        "thread_id": asking.thread_id,
        "agent_id": asking.agent_id,
        "asked_by_kind": call.caller.kind,
        "asked_by_id": call.caller.id,
        "asked_by_name": call.caller.name,
        "expires_at": _ends(call),
        "needs": ruling.needs,
        "not_alone": ruling.not_alone,
        "facts": ruling.facts.model_dump(mode="json"),
        "ruling": ruling.written(),
        "standing_id": covering and covering.id,
    }
    raw(call.session).execute(ASK, row | {name: Jsonb(row[name]) for name in ("facts", "ruling")})
    return Approval(**row)


def withdraw(call: Call, approval: UUID) -> None:
    """Take a pending request back, whatever its words are by now; its intents are cancelled. Raises NotFound, NotYours, NotPending."""
    approval = newest(call.session, approval)
    asked = select(Approval.asked_by_id).where(Approval.id == approval, Approval.workspace_id == call.workspace)
    _check_asker(call, call.session.execute(asked).first())
    if not end(call.session, Actor.of(call), [approval], "withdrawn"):
        raise NotPending
    move(raw(call.session), [Move(intent, (State.HELD,), State.CANCELLED) for intent in intents_of(call.session, approval)])


def cancel(call: Call, intent: UUID) -> None:
    """Cancel what has not been dialled yet: it wins or loses against the claim by the row's lock. Raises NotFound, NotYours, AlreadyLeft.

    What is being dialled, or in doubt, is refused and yet taken back: it leaves no more once that call proves not taken.
    """
    intent = (newest_of(call.session, call.workspace, intent) or (None, intent))[1]
    _check_asker(call, call.session.execute(select(Intent.asked_by_id).where(Intent.id == intent, Intent.workspace_id == call.workspace)).first())
    if not drop_moot(call.session, Actor.of(call), intent):
        raise late(call, intent)


def late(call: Call, intent: UUID) -> AlreadyLeft:
    """The refusal of what could not be cancelled any more, in the words that are true of where it stands."""
    state = find(call.session, call.workspace, [intent])[0].state
    return AlreadyLeft(ON_ITS_WAY if state in (State.CALLING, State.IN_DOUBT) else None, state=state)


def drop(call: Call, intent: UUID, why: str | None = None) -> bool:
    """Cancel what a change in the business made untrue, whoever asked for it; False when it has left already, or is over. Raises NotFound.

    False also of what is being dialled, or in doubt, which is taken back as by `cancel`.
    """
    if not find(call.session, call.workspace, [intent]):
        raise NotFound
    return drop_moot(call.session, Actor.of(call), intent, why)


def _check_asker(call: Call, asked_by: Row[UUID | None] | None) -> None:
    """A key takes back what it asked for itself; a person, what any key did."""
    if asked_by is None:
        raise NotFound
    if call.caller.kind != "person" and asked_by[0] != call.caller.id:
        raise NotYours


def suppress(call: Call, channel: str, recipient: str, reason: str, source: Source = "customer") -> None:
    """Tell the claim that this address must not be messaged on this channel any more; `source` is whose word that is."""
    facts.suppress(call.session, call.workspace, (channel, recipient), facts.OptOut(reason, source))
    happened(call, "recipient.suppressed", channel, reason=reason, source=source)


def unsuppress(call: Call, channel: str, recipient: str) -> bool:
    """Tell the claim that this address may be messaged again; False when nothing stood against it, or when it takes a signed-in decider."""
    lifted = facts.unsuppress(call.session, call.workspace, (channel, recipient))
    if lifted:
        happened(call, "recipient.unsuppressed", channel)
        note(call.session, Actor.of(call), "recipient.unsuppressed", channel)
    return lifted
