"""One send as a line of moments: asked, decided, allowed, each call with what was heard of it, and where it stands now; from its history alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from approvals.histories import Seen, SendHistory
from surfaces.portal.words import DEEDS, by, seen

SETTLING = frozenset({"doubt.resolved", "dead_letter.replayed", "dead_letter.left"})
"""What a person did to the send itself: the record of attempts has the reason, the audit has the name."""
TOLD = {"approval.requested", "approval.voted", "approval.approved", "approval.rejected"}
"""What the request and its votes tell better than the audit."""
TONES = {
    "accepted": "good",
    "sent": "good",
    "delivered": "good",
    "refused": "bad",
    "undelivered": "bad",
    "given_up": "bad",
    "unsure": "doubt",
    "no_word": "doubt",
    "absent": "doubt",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of it."""

    at: datetime
    said: str
    tone: str = "off"
    reason: str = ""
    ref: str = ""
    """The provider's own id."""


def steps(told: SendHistory) -> list[Step]:
    """Everything that happened to the one send of this history, in the order it happened."""
    found = [Step(told.asked_at, f"{by(told.asked_by)} asked for it", reason=told.summary or ""), *_decided(told), *_seen(told)]
    return sorted(found, key=lambda step: step.at)


def _decided(told: SendHistory) -> Iterator[Step]:
    if told.standing and told.standing_by:
        yield Step(told.asked_at, f"A standing approval that {told.standing_by} made answered", "good")
    for vote in told.votes:
        where = "by link" if vote.via == "link" else "in the portal"
        last = vote is told.votes[-1]
        yield Step(vote.at, f"{vote.by} {vote.verdict} it {where}", "good" if vote.verdict == "approved" else "bad", (told.reason or "") if last else "")
    yield from (Step(send.granted_at, "Allowed to leave, with these bytes and no others", "good") for send in told.sends if send.granted_at)
    yield from (Step(row.at, f"{by(row.by)} {DEEDS.get(row.deed, row.deed)}") for row in told.audit if row.deed not in TOLD | SETTLING)


def _seen(told: SendHistory) -> Iterator[Step]:
    settled = iter([row for row in told.audit if row.deed in SETTLING])
    for one in told.seen:
        if one.source == "call" and one.started_at:
            yield Step(one.started_at, f"Claimed: call {one.number} to the provider began")
        row = next(settled, None) if one.source == "person" else None
        said = f"{by(row.by)} {DEEDS[row.deed]}: {seen(one.source, one.outcome)}" if row else _heard(one)
        yield Step(one.at, said, TONES.get(one.outcome, "wait"), "" if one.reason == one.outcome else one.reason, one.provider_ref or "")


def _heard(one: Seen) -> str:
    return f"{seen(one.source, one.outcome)} (call {one.number})"
