"""Dry runs: what a setting would have done to the requests of the last month, replayed from the facts that were kept with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import class_row

from approvals.facts import Facts
from approvals.rulings import judge
from approvals.verdicts import PolicySettings

DAYS = 30
MOST = 5000

KEPT = """
SELECT facts, created_at, state = 'approved' AS is_approved FROM approval
WHERE workspace_id = %s AND created_at > now() - make_interval(days => %s) AND state <> 'superseded' AND facts <> '{}'
ORDER BY created_at DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """One request as it was kept."""

    facts: dict[str, Any]
    created_at: datetime
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How many requests there were, and of how many each would have been true."""

    total: int
    refused: int = 0
    two_people: int = 0
    waiting: int = 0
    in_person: int = 0


def remembered(line: psycopg.Connection[Any], workspace: UUID) -> list[Kept]:
    """The requests of the last month, oldest first; of very many, the newest."""
    found = line.cursor(row_factory=class_row(Kept)).execute(KEPT, (workspace, DAYS, MOST)).fetchall()
    return found[::-1]


def rehearse(requests: Sequence[Kept], settings: Mapping[str, PolicySettings], zone: ZoneInfo) -> Rehearsal:
    """Judge them all again by these settings; what was approved takes from the budget of its day."""
    spent: Counter[tuple[str, date]] = Counter()
    counts: Counter[str] = Counter()
    for request in requests:
        ruling = judge(Facts.model_validate(request.facts), settings)
        day = request.created_at.astimezone(zone).date()
        draws = {(name, day): said.draw for name, said in ruling.draws.items() if said.draw}
        is_over = any(spent[key] + draw.amount > draw.cap for key, draw in draws.items())
        if request.is_approved and not (is_over or ruling.whole.is_refused):
            spent.update({key: draw.amount for key, draw in draws.items()})
        counts["refused"] += is_over or ruling.whole.is_refused
        counts["two_people"] += ruling.needs > 1 or ruling.not_alone is not None
        counts["waiting"] += ruling.whole.not_before is not None
        counts["in_person"] += ruling.whole.in_person
    return Rehearsal(len(requests), **counts)
