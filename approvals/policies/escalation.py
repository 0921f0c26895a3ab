"""Escalation: whom else to tell of a request that nobody decides; it tells, and never decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from approvals.facts import Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "When nobody decides"


class Settings(PolicySettings):
    """Everybody who may decide is told at once."""

    after_minutes: int | None = asked(None, "Tell the managers first, and the owners after so many minutes (empty: all at once)", "number", ge=5, le=24 * 60)


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who may decide."""

    id: UUID
    is_owner: bool


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if settings.after_minutes is None:
        return "Everybody who may decide is told at once."
    return f"Managers are told at once; the owners too, when nobody has decided after {settings.after_minutes} minutes. Nothing is ever approved by waiting."


def judge(_facts: Facts, _settings: Settings) -> Verdict:
    """Nothing: who is told changes nothing about who must approve."""
    return NOTHING


def who_to_tell(deciders: Iterable[Decider], waited: timedelta, settings: Settings) -> frozenset[UUID]:
    """Everybody who should know by now of a request that has waited so long; grows with time, and is never empty where somebody may decide."""
    everybody = list(deciders)
    first = [one for one in everybody if not one.is_owner]
    if settings.after_minutes is None or not first or waited >= timedelta(minutes=settings.after_minutes):
        first = everybody
    return frozenset(one.id for one in first)
