"""What a request would cost, for whoever reads it: an estimate by the prices that the business set, from the facts of what is asked for."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.facts import Facts
from approvals.policies import spend
from approvals.policing import chosen
from approvals.rulings import PolicyUnreadable, policies
from approvals.tables import Approval
from kernel.money import MINOR_DIGITS, as_decimal, currency_in
from kernel.operation import Answer

PER_UNIT = 100 * spend.THOUSAND
"""Prices are for a thousand, and in hundredths."""
FREE = "E-mail counts as free."
UNKNOWN = "Not known: a price that it needs is not set. An owner or a manager sets prices under Policies, What it costs."


class Cost(Answer):
    """About what it costs, by the prices set under Policies."""

    amount_minor: int | None = Field(description="In the currency's minor units, such as cents; null while a price is missing.")
    amount: str | None = Field(description="The same as a decimal, in major units.")
    currency: str = Field(description="That of the business's own country (ISO 4217).")
    note: str | None = Field(None, description="Why it is free, or not known.")


def costing(session: Session, workspace: UUID, facts: Facts) -> Cost:
    """About what something with these facts costs by today's prices."""
    currency, prices = currency_in(facts.home), _prices(session, workspace)
    worth = None if prices is None else spend.worth(facts, prices)
    if worth is None:
        return Cost(amount_minor=None, amount=None, currency=currency, note=UNKNOWN)
    minor = round(worth * 10 ** MINOR_DIGITS.get(currency, 2) / PER_UNIT)
    return Cost(amount_minor=minor, amount=as_decimal(minor, currency), currency=currency, note=FREE if facts.channels == ("email",) else None)


def estimated(session: Session, workspace: UUID, approval: UUID) -> str | None:
    """What a request costs in the money of the business's own country, such as `1.64 GBP`; None where a price is missing."""
    row = session.scalar(select(Approval.facts).where(Approval.id == approval, Approval.workspace_id == workspace))
    cost = costing(session, workspace, Facts.model_validate(row)) if row else None
    return f"{cost.amount} {cost.currency}" if cost and cost.amount is not None else None


def _prices(session: Session, workspace: UUID) -> spend.Settings | None:
    """What was set of the prices; None where it cannot be read."""
    set_so = chosen(session, workspace).get("spend")
    try:
        prices = policies()["spend"].read(set_so.settings if set_so else {})
    except PolicyUnreadable:
        return None
    return prices if isinstance(prices, spend.Settings) else None
