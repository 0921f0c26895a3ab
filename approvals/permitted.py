"""What the policies refuse outright, judged again: nobody approves it any more, and whoever sets such a policy cancels what waits against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.facts import Facts, place_of
from approvals.rulings import Policy, PolicyRefused, policies
from approvals.verdicts import PolicySettings, Verdict
from kernel.clock import now
from kernel.db import raw, stand_in_line
from kernel.tenancy import Workspace
from outbox.states import take_back
from outbox.tables import ContentRow

OUTRIGHT = ("audience", "countries")
"""The policies that say no for good; what a day holds is taken when it is granted (`limits.py`)."""
AT_ONCE = 1000
# Whoever grants shares it from before the policies are read; whoever sets one has it alone. So nothing is granted by a setting that is over.
SHARE = "SELECT pg_advisory_xact_lock_shared(hashtextextended('policies ' || %s::text, 0))"
# Mail to our own people needs no policy. What is being called, or in doubt, is told not to be called again.
GRANTED = """
FROM (SELECT intent_id, grant_id FROM delivery WHERE workspace_id = %(workspace)s AND state IN ('held', 'ready', 'blocked') AND grant_id IS NOT NULL
    UNION ALL SELECT intent_id, grant_id FROM delivery WHERE workspace_id = %(workspace)s AND state = 'calling'
    UNION ALL SELECT intent_id, grant_id FROM delivery WHERE workspace_id = %(workspace)s AND state = 'in_doubt') d
JOIN grants g ON g.id = d.grant_id AND g.source <> 'system'
JOIN content c ON c.intent_id = d.intent_id AND c.recipient LIKE '+%%'
"""
NUMBERS = f"SELECT DISTINCT c.recipient {GRANTED}"
TO_THEM = f"SELECT d.intent_id, c.recipient {GRANTED} WHERE c.recipient = ANY(%(recipients)s) ORDER BY d.intent_id"


def hold_policies(session: Session, workspace: UUID) -> None:
    """Let nobody set a policy until commit."""
    raw(session).execute(SHARE, (workspace,))


def take_policies(session: Session, workspace: UUID) -> None:
    """Let nothing be granted until commit."""
    stand_in_line(raw(session), f"policies {workspace}")


def check_still_allowed(session: Session, workspace: UUID, settings: Mapping[str, PolicySettings], intents: Sequence[UUID]) -> None:
    """Raises PolicyRefused for what a policy refuses by now, whatever it said when it was asked for."""
    recipients = session.scalars(select(ContentRow.recipient).where(ContentRow.intent_id.in_(intents), ContentRow.sealed.is_(False))).all()
    facts = _facts(recipients, session.get_one(Workspace, workspace).country)
    verdicts = {policy.label: policy.judge(facts, settings[policy.name]) for policy in map(policies().__getitem__, OUTRIGHT)}
    refused = {label: said for label, said in verdicts.items() if said.is_refused}
    for first in refused.values():
        raise PolicyRefused(first.why, next_step="Reject it, or ask an owner whether the policy should allow it.", policies=list(refused))


def drop_denied(session: Session, workspace: UUID, policy: Policy, settings: PolicySettings) -> list[UUID]:
    """Cancel what was approved, waits and is refused by these settings, with the reason; it wins or loses against the claim by the row's lock."""
    if policy.name not in OUTRIGHT:
        return []
    line, home = raw(session), session.get_one(Workspace, workspace).country
    numbers = line.cursor(row_factory=scalar_row).execute(NUMBERS, {"workspace": workspace}).fetchall()
    judged: dict[str, Verdict] = {number: policy.judge(_facts([number], home), settings) for number in numbers}
    denied = {number: said.why for number, said in judged.items() if said.is_refused}
    if not denied:
        return []
    found = line.execute(TO_THEM, {"workspace": workspace, "recipients": list(denied)}).fetchall()
    dropped = []
    for start in range(0, len(found), AT_ONCE):
        _, cancelled = take_back(line, {intent: f"A policy refuses it by now. {denied[to]}" for intent, to in found[start : start + AT_ONCE]})
        dropped += [one.intent_id for one in cancelled]
    return dropped


def _facts(recipients: Sequence[str], home: str | None) -> Facts:
    """As much of a request's facts as those policies judge."""
    places = [place_of(recipient) for recipient in recipients]
    return Facts(
        action="",
        recipients=len(recipients),
        countries=tuple(sorted({place.country for place in places})),
        number_kinds=tuple(sorted({place.kind for place in places if place.kind})),
        leaves_at=now(),
        home=home,
    )
