"""What a request would cost, for whoever reads it: an estimate by the prices that the business set, from the facts kept with it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.facts import Facts
from approvals.policies import spend
from approvals.policing import chosen
from approvals.rulings import PolicyUnreadable, policies
from approvals.tables import Approval
from kernel.money import currency_in

PER_UNIT = 100 * spend.THOUSAND
"""Prices are for a thousand, and in hundredths."""


def estimated(session: Session, workspace: UUID, approval: UUID) -> str | None:
    """The cost in the money of the business's own country, such as `1.64 GBP`; None where a price is missing."""
    row = session.scalar(select(Approval.facts).where(Approval.id == approval, Approval.workspace_id == workspace))
    set_so = chosen(session, workspace).get("spend")
    try:
        prices = policies()["spend"].read(set_so.settings if set_so else {})
    except PolicyUnreadable:
        return None
    facts = Facts.model_validate(row) if row else None
    worth = spend.worth(facts, prices) if facts and isinstance(prices, spend.Settings) else None
    return None if facts is None or worth is None else f"{worth / PER_UNIT:.2f} {currency_in(facts.home)}"
