"""First time: whoever never had a message from the business gets the first one only after a person has read it."""

from __future__ import annotations

from approvals.facts import Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "First message to somebody"


class Settings(PolicySettings):
    """A person reads it."""

    in_person: bool = asked(default=True, title="A person reads the first message; no standing approval is enough", widget="tick")
    two_people: bool = asked(default=False, title="Two people approve the first message", widget="tick")


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if settings.two_people:
        return "Two people approve the first message to somebody who never had one from you."
    if settings.in_person:
        return "A person reads the first message to somebody who never had one from you."
    return "The first message to somebody is like any other."


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Ask for a person, or two, where somebody is messaged for the first time."""
    if facts.first_time == 0 or not (settings.in_person or settings.two_people):
        return NOTHING
    who = "This recipient was" if facts.recipients == 1 else f"{facts.first_time} of the recipients were"
    more = ", so two people must approve" if settings.two_people else ", so a person must read it"
    return Verdict(why=f"{who} never messaged before{more}.", in_person=True, people=2 if settings.two_people else 1)
