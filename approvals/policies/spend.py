"""Spend: what a day's messages may cost, by the prices that somebody set; what has no price is never called cheap."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from approvals.facts import NOT_A_NUMBER, Facts
from approvals.verdicts import NOTHING, Draw, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "What it costs"
THOUSAND = 1000


class Settings(PolicySettings):
    """No limit until somebody sets one; money is in minor units of the business's currency, such as cents."""

    per_day: int | None = asked(None, "At most so much in one day (empty: any amount)", "money", ge=1, le=10**12)
    sms_home: int | None = asked(None, "1,000 parts of SMS in your own country cost (empty: not known)", "money", ge=0, le=10**9)
    sms_abroad: int | None = asked(None, "1,000 parts of SMS to other countries cost (empty: not known)", "money", ge=0, le=10**9)
    whatsapp: int | None = asked(None, "1,000 WhatsApp messages cost (empty: not known)", "money", ge=0, le=10**9)

    @model_validator(mode="after")
    def _a_limit_needs_a_price(self) -> Self:
        if self.per_day is not None and (self.sms_home, self.sms_abroad, self.whatsapp) == (None, None, None):
            msg = "a limit needs at least one price"
            raise ValueError(msg)
        return self


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if settings.per_day is None:
        return "Messages may cost any amount."
    return (
        f"Messages of one day cost at most {settings.per_day / 100:.2f}, by the prices below. "
        "E-mail counts as free. What has no price here needs a person, and is not counted."
    )


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Take the price out of the day's budget, exactly; ask for a person where there is no price."""
    if settings.per_day is None:
        return NOTHING
    prices = _prices(facts, settings)
    known = sum(price for price in prices if price is not None)
    draw = Draw(amount=known, cap=settings.per_day * THOUSAND)
    if known > draw.cap:
        why = f"This alone costs more than the {settings.per_day / 100:.2f} that a day's messages may cost."
        return Verdict(why=why, next_step="Ask for fewer or shorter messages, or ask an owner to raise the limit.", is_refused=True)
    if None in prices:
        return Verdict(why="What this costs is not known, so a person must read it.", in_person=True, draw=draw)
    return Verdict(why=f"A day's messages may cost {settings.per_day / 100:.2f}.", draw=draw)


def worth(facts: Facts, settings: Settings) -> int | None:
    """What it costs, in thousandths of a minor unit; None where a price is missing."""
    prices = _prices(facts, settings)
    return None if None in prices else sum(price or 0 for price in prices)


def _prices(facts: Facts, settings: Settings) -> list[int | None]:
    return [_price(place, parts, facts.home, settings) for place, parts in facts.parts.items()]


def _price(place: str, parts: int, home: str | None, settings: Settings) -> int | None:
    """In thousandths of a minor unit; None: unknown. Where home is not known, the dearer of both SMS prices counts."""
    channel, _, country = place.partition(" ")
    if channel in ("email", "payments"):
        return 0
    if channel == "whatsapp":
        each = settings.whatsapp
    elif home and country != NOT_A_NUMBER:
        each = settings.sms_home if country == home else settings.sms_abroad
    else:
        both = (settings.sms_home, settings.sms_abroad)
        each = None if None in both else max(price or 0 for price in both)
    return None if each is None else each * parts
