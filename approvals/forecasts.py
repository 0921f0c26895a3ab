"""When something that is not asked for yet would leave, were it approved at once: by the quiet hours where each goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from approvals.facts import place_of
from approvals.policies import quiet_hours
from approvals.policing import current
from approvals.wanted import leaving
from kernel.call import Call
from kernel.operation import Answer
from kernel.tenancy import Workspace
from outbox.intents import Drafted
from outbox.quiet import reason


class Leaving(Answer):
    """When those in one place would get it, were it approved at once."""

    zone: str = Field(description="The recipients' clock; the business's own where theirs is not known.")
    count: int = Field(description="How many are there.")
    leaves_at: datetime = Field(description="When theirs begin to leave, at the earliest.")
    note: str | None = Field(None, description="Why not earlier: quiet hours.")


def departures(call: Call, not_before: datetime | None, drafts: Sequence[Drafted]) -> list[Leaving]:
    """When they would leave in each place, the earliest first. Raises PolicyUnreadable."""
    hours, ours = current(call.session, call.workspace)["quiet_hours"], call.session.get_one(Workspace, call.workspace).zone
    if not isinstance(hours, quiet_hours.Settings):
        return []
    many = Counter(place_of(draft.snapshot.content.recipient).zone or ours for draft in drafts)
    found = [_leaving(zone, count, leaving(call, not_before), hours) for zone, count in many.items()]
    return sorted(found, key=lambda one: (one.leaves_at, one.zone))


def _leaving(zone: str, count: int, moment: datetime, hours: quiet_hours.Settings) -> Leaving:
    until = quiet_hours.awake(moment, [zone], hours)
    slept = (hours.begins, hours.ends) if hours.begins and hours.ends else None
    return Leaving(zone=zone, count=count, leaves_at=until, note=reason(until, zone, slept) if slept and until > moment else None)
