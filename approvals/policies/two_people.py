"""Two people: what one person may not approve alone, and what the maker of the asking key may not."""

from __future__ import annotations

from approvals.facts import Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked

VERSION = 3
TITLE = "Two people"


class Settings(PolicySettings):
    """One person is enough until somebody says otherwise."""

    above: int | None = asked(None, "Two people approve what goes to more recipients than (empty: one is enough)", "number", ge=1, le=1_000_000)
    refunds_above: int | None = asked(None, "Two people approve when more is given back of one payment than (empty: one is enough)", "money", ge=0, le=10**12)
    actions: tuple[str, ...] = asked((), "Two people approve", "actions")
    four_eyes: tuple[str, ...] = asked((), "Whoever made the agent's key does not approve alone", "actions")


IN_WORDS = {
    "mark_invoice_sent": "invoices by e-mail",
    "refund_payment": "refunds",
    "send_campaign": "campaigns",
    "send_email": "e-mails",
    "send_message": "messages of any kind",
    "send_sms": "SMS messages",
    "send_test_campaign": "test copies of campaigns",
    "send_whatsapp_message": "WhatsApp messages",
}
"""What an operation sends, as people say it."""
ONE_MESSAGE = {"sms": "send_sms", "whatsapp": "send_whatsapp_message", "email": "send_email"}
"""The operation that sends one message on a channel."""


def in_words(action: str) -> str:
    """What an operation sends, as people say it; where there are no words for it, those of its own name."""
    return IN_WORDS.get(action, action.replace("_", " "))


def say(settings: Settings) -> str:
    """The policy in plain words."""
    many = [f"what goes to more than {settings.above}"] if settings.above else []
    back = [] if settings.refunds_above is None else [f"refunds above {settings.refunds_above / 100:.2f} of one payment"]
    said = [f"Two people approve {', '.join([*many, *back, *map(in_words, settings.actions)])}."] if many or back or settings.actions else []
    if settings.four_eyes:
        said.append(f"Whoever made the agent's key does not approve alone: {', '.join(map(in_words, settings.four_eyes))}.")
    return " ".join(said) or "One person is enough."


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Ask for a second person; where the business has one decider alone, the ruling asks that one only, and says so."""
    if settings.above is not None and facts.recipients > settings.above:
        return Verdict(why=f"It goes to {facts.recipients} recipients, so two people must approve.", people=2, in_person=True)
    if settings.refunds_above is not None and (facts.gives_back is None or facts.gives_back > settings.refunds_above):
        return Verdict(why="It gives back more than one person may alone, so two people must approve.", people=2, in_person=True)
    named = _named(facts)
    if named.intersection(settings.actions):
        return Verdict(why="Two people must approve every request of this kind.", people=2, in_person=True)
    if named.intersection(settings.four_eyes) and facts.maker:
        return Verdict(why="Whoever made the agent's key may not approve this alone.", not_alone=facts.maker, in_person=True)
    return NOTHING


def _named(facts: Facts) -> set[str]:
    """By which names it goes: what leaves is the same whichever operation an agent chooses to ask for it."""
    if facts.channels == ("payments",):
        return {facts.action, "refund_payment"}
    return {facts.action, "send_message", *(ONE_MESSAGE[channel] for channel in facts.channels if channel in ONE_MESSAGE)}
