"""The facts of a request that policies judge: gathered once when it is asked for, kept with it, and never more than they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import PhoneNumberType as Kind
from phonenumbers import timezone
from psycopg.rows import dict_row
from pydantic import BaseModel, ConfigDict

from kernel.call import Call
from kernel.db import raw
from kernel.money import as_hundredths, currency_in
from outbox.content import Content
from outbox.intents import Drafted

NOT_A_NUMBER = ""
"""Where an e-mail address is, and a number that belongs to no country."""
SATELLITES = frozenset({870, 881})
"""Inmarsat, and the global mobile satellite system (ITU E.164)."""
WINTER, SUMMER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
KINDS = {
    Kind.MOBILE: "mobile",
    Kind.FIXED_LINE: "fixed",
    Kind.FIXED_LINE_OR_MOBILE: "mobile",
    Kind.PREMIUM_RATE: "premium",
    Kind.SHARED_COST: "shared",
    Kind.UNKNOWN: "unknown",
}
"""Kinds of number that policies tell apart; any other is special."""


class Facts(BaseModel):
    """What is known of a request, without a word or an address of it."""

    model_config = ConfigDict(frozen=True)

    action: str
    recipients: int
    channels: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    number_kinds: tuple[str, ...] = ()
    parts: dict[str, int] = {}
    """What is billed: parts by channel and country, such as `sms GB`."""
    first_time: int = 0
    """How many recipients nothing was ever approved for."""
    leaves_at: datetime
    zones: tuple[str, ...] = ("UTC",)
    """The clocks of the recipients; the business's own where theirs is not known."""
    home: str | None = None
    """The business's own country."""
    maker: UUID | None = None
    """Who made the asking key; None when the host's shell did, or no key asks."""
    gives_back: int | None = 0
    """How much goes back of a payment, in however many parts, in hundredths of the business's own currency; None: in another one, which nobody can compare."""
    deciders: int = 1
    """How many people may decide today."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recipient is, as far as the address tells."""

    country: str = NOT_A_NUMBER
    kind: str = ""
    zone: str | None = None


@lru_cache(8192)
def place_of(recipient: str) -> Place:
    """The country, the kind and the clock of a phone number; nothing of an e-mail address."""
    if not recipient.startswith("+"):
        return Place()
    number = phonenumbers.parse(recipient, None)
    if number.country_code in SATELLITES:
        return Place(kind="satellite")
    country = phonenumbers.region_code_for_number(number) or NOT_A_NUMBER
    return Place(country, KINDS.get(phonenumbers.number_type(number), "special"), _zone_of(number))


def _zone_of(number: phonenumbers.PhoneNumber) -> str | None:
    """The number's zone; None where it may be in several with different clocks."""
    zones = timezone.time_zones_for_number(number)
    return zones[0] if len({_clock(zone) for zone in zones}) == 1 and _clock(zones[0]) else None


@cache
def _clock(zone: str) -> tuple[timedelta | None, ...]:
    """How far a zone's clock is from UTC in winter and in summer; nothing for one that is not known here."""
    try:
        return tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in (WINTER, SUMMER))
    except (ZoneInfoNotFoundError, ValueError):
        return ()


def parts_of(contents: Sequence[Content]) -> dict[str, int]:
    """What is billed, by channel and country."""
    parts: Counter[str] = Counter()
    for content in contents:
        parts[f"{content.channel} {place_of(content.recipient).country}"] += content.parts
    return dict(parts)


def given_back(contents: Sequence[Content], home: str | None) -> int | None:
    """How much goes back of these payments in all, with what was asked for before, in hundredths of the currency at home; None where one is in another."""
    refunds = [content.frozen() for content in contents if content.kind == "refund"]
    if any(said["currency"] != currency_in(home) for said in refunds):
        return None
    return sum(as_hundredths(said["amount_minor"] + said["before_minor"], said["currency"]) for said in refunds)


GATHER = """
SELECT w.zone, w.country,
    (SELECT k.created_by FROM api_key k WHERE k.id = %(asker)s AND k.workspace_id = w.id) AS maker,
    (SELECT count(*) FROM unnest(%(recipients)s::text[]) AS r(recipient) WHERE NOT EXISTS (
        SELECT FROM content c JOIN grants g ON g.intent_id = c.intent_id AND g.source <> 'system'
        WHERE c.recipient = r.recipient AND c.workspace_id = w.id)) AS first_time,
    (SELECT count(*) FROM person p WHERE p.workspace_id = w.id AND p.role IN ('owner', 'manager') AND p.ended_at IS NULL) AS deciders,
    (SELECT jsonb_object_agg(s.policy, s.settings) FROM (
        SELECT DISTINCT ON (p.policy) p.policy, p.settings FROM policy_setting p WHERE p.workspace_id = w.id ORDER BY p.policy, p.id DESC) s) AS settings
FROM workspace w WHERE w.id = %(workspace)s
"""


def gather(call: Call, action: str, drafts: Sequence[Drafted]) -> tuple[Facts, dict[str, Any]]:
    """The facts of what is asked for, and what was set of the policies: one query."""
    contents = [draft.snapshot.content for draft in drafts]
    recipients = sorted({content.recipient for content in contents})
    places = [place_of(recipient) for recipient in recipients]
    asker = call.caller.id if call.caller.kind == "agent" else None
    wanted = {"workspace": call.workspace, "asker": asker, "recipients": recipients}
    found = raw(call.session).cursor(row_factory=dict_row).execute(GATHER, wanted).fetchone() or {}
    facts = Facts(
        action=action,
        recipients=len(contents),
        channels=tuple(sorted({content.channel for content in contents})),
        countries=tuple(sorted({place.country for place in places})),
        number_kinds=tuple(sorted({place.kind for place in places if place.kind})),
        parts=parts_of(contents),
        first_time=found["first_time"],
        leaves_at=max([call.moment, *(draft.snapshot.not_before for draft in drafts if draft.snapshot.not_before)]),
        zones=tuple(sorted({place.zone or found["zone"] for place in places})),
        home=found["country"],
        maker=found["maker"],
        gives_back=given_back(contents, found["country"]),
        deciders=found["deciders"],
    )
    return facts, found["settings"] or {}
