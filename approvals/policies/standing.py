"""Standing approvals: whether a person may approve the same words once for many days, and how far that goes."""

from __future__ import annotations

from approvals.facts import Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "Standing approvals"


class Settings(PolicySettings):
    """Allowed, within limits."""

    allowed: bool = asked(default=True, title="Standing approvals may answer", widget="tick")
    per_day: int = asked(50, "One of them answers at most so often in one day (empty: 50)", "number", ge=1, le=10_000)
    days: int = asked(90, "One of them lasts at most so many days (empty: 90)", "number", ge=1, le=366)


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if not settings.allowed:
        return "A person decides every single message."
    return f"Standing approvals may answer, each at most {settings.per_day} times a day and for at most {settings.days} days."


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Ask for a person where no standing approval may answer: they are for one message to one recipient."""
    if not settings.allowed:
        return Verdict(why="A person decides every single message.", in_person=True)
    return Verdict(why="It goes to several recipients, so a person must read it.", in_person=True) if facts.recipients > 1 else NOTHING
