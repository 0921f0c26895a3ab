"""Countries: where phone numbers may be, and which kinds of number are never messaged."""

from __future__ import annotations

import re
from typing import Annotated

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BeforeValidator

from approvals.facts import NOT_A_NUMBER, Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked

VERSION = 1
TITLE = "Countries and kinds of number"
COSTLY = {"premium": "premium-rate", "shared": "shared-cost", "satellite": "satellite"}
"""Kinds that are never messaged, whatever is set."""
ASK_AN_OWNER = "Use another address of this customer, or ask an owner whether this should be allowed."


def _codes(given: object) -> object:
    """What was typed, as codes: `gb, FR` reads GB and FR."""
    return tuple(sorted({code.upper() for code in re.split(r"[\s,;]+", given) if code})) if isinstance(given, str) else given


def _known(codes: tuple[str, ...]) -> tuple[str, ...]:
    if not set(codes) <= SUPPORTED_REGIONS:
        msg = "should be two-letter codes of countries, such as GB or FR"
        raise ValueError(msg)
    return codes


class Settings(PolicySettings):
    """The business's own country, and no number whose kind is unknown."""

    others: Annotated[tuple[str, ...], BeforeValidator(_codes), AfterValidator(_known)] = asked(
        (), "Countries beside your own, such as FR, BE (empty: none)", "countries"
    )
    anywhere: bool = asked(default=False, title="Any country", widget="tick")
    unknown: bool = asked(default=False, title="Also numbers whose kind nobody knows (some new ones are such)", widget="tick")


def say(settings: Settings) -> str:
    """The policy in plain words."""
    where = "in any country" if settings.anywhere else " and ".join(["in your own country", *([f"in {', '.join(settings.others)}"] if settings.others else [])])
    kinds = "Premium, shared-cost and satellite numbers are always refused" + ("." if settings.unknown else ", and so are numbers whose kind nobody knows.")
    return f"Phone numbers may be {where}. {kinds}"


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Refuse a costly or unknown number, and one in a country that was not allowed; where the business is not known to be anywhere, any country is."""
    for kind in facts.number_kinds:
        if kind in COSTLY:
            return _refuse(f"This goes to a {COSTLY[kind]} number, which is never messaged.", "Use another address of this customer.")
        if kind == "unknown" and not settings.unknown:
            return _refuse("This goes to a number whose kind nobody knows; it may not exist.", "Check the number with the customer, or ask an owner.")
    allowed = {*settings.others, *([facts.home] if facts.home else [])}
    foreign = [country for country in facts.countries if country not in allowed | {NOT_A_NUMBER}]
    if foreign and allowed and not settings.anywhere:
        return _refuse(f"This goes to a number in {' and '.join(foreign)}, and only {', '.join(sorted(allowed))} is allowed.", ASK_AN_OWNER)
    return NOTHING


def _refuse(why: str, next_step: str) -> Verdict:
    return Verdict(why=why, next_step=next_step, is_refused=True)
