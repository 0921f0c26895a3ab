"""Audience: how many recipients one request may have, and how many all of a day's together."""

from __future__ import annotations

from approvals.facts import Facts
from approvals.verdicts import NOTHING, Draw, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "How many recipients"


class Settings(PolicySettings):
    """No limit until somebody sets one."""

    per_request: int | None = asked(None, "At most so many recipients in one request (empty: any number)", "number", ge=1, le=1_000_000)
    per_day: int | None = asked(None, "At most so many approved in one day (empty: any number)", "number", ge=1, le=1_000_000)


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if settings.per_request is None and settings.per_day is None:
        return "Any number of recipients may be asked for."
    once = f"at most {settings.per_request} in one request" if settings.per_request else ""
    daily = f"at most {settings.per_day} in one day" if settings.per_day else ""
    return f"Recipients: {' and '.join(part for part in (once, daily) if part)}."


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Refuse a request that is too large by itself; take the others out of the day's budget."""
    if settings.per_request is not None and facts.recipients > settings.per_request:
        return _refuse(f"At most {settings.per_request} recipients are allowed in one request, and this one has {facts.recipients}.")
    if settings.per_day is None:
        return NOTHING
    if facts.recipients > settings.per_day:
        return _refuse(f"At most {settings.per_day} recipients are allowed in one day, and this request alone has {facts.recipients}.")
    return Verdict(why=f"At most {settings.per_day} recipients are allowed in one day.", draw=Draw(amount=facts.recipients, cap=settings.per_day))


def _refuse(why: str) -> Verdict:
    return Verdict(why=why, next_step="Ask for fewer recipients, or ask an owner to raise the limit.", is_refused=True)
