"""A request as policies see it, to vary in truth tables."""

from __future__ import annotations

from datetime import UTC, datetime

from approvals.facts import Facts
from kernel.keys import new_id

MAKER = new_id()
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONE = Facts(
    action="send_sms",
    recipients=1,
    channels=("sms",),
    countries=("GB",),
    number_kinds=("mobile",),
    parts={"sms GB": 1},
    leaves_at=NOON,
    zones=("Europe/London",),
    home="GB",
    maker=MAKER,
    deciders=2,
)


def like(**changed: object) -> Facts:
    """The sample with other facts."""
    return ONE.model_copy(update=changed)
