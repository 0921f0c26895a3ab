"""Who is known already: a customer by e-mail address, else by phone number; whoever is not is made, once."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm.contacts.shapes import account_of
from crm.contacts.tables import Account
from kernel.call import Call
from kernel.errors import Conflict
from kernel.keys import new_id, show
from outbox.events import Actor, happened, note


class AccountTaken(Conflict):
    """This e-mail address or phone number belongs to another customer."""

    code = "account_exists"
    next_step = "Find that customer with search_members; give only one of the two, or correct it with update_account."


class Met(NamedTuple):
    """A customer, and whether they are new."""

    account: Account
    is_new: bool


def known(call: Call, email: str | None, phone: str | None) -> list[Account]:
    """By e-mail address before phone number: a family may share a phone."""
    by_email, by_phone = func.lower(Account.email) == (email or "").lower(), Account.phone == (phone or "")
    matching = select(Account).where(Account.workspace_id == call.workspace, or_(by_email, by_phone))
    return list(call.session.scalars(matching.order_by(by_email.desc().nulls_last(), Account.id).limit(2)))


def meet(call: Call, told: dict[str, Any]) -> Met:
    """The customer with this e-mail address, else with this phone number, else a new one with all that was told."""
    found = known(call, told.get("email"), told.get("phone"))
    if found:
        return Met(found[0], is_new=False)
    made = _made(call, told)
    if made is None:  # somebody else made them in this very moment
        found = known(call, told.get("email"), told.get("phone"))
        if not found:
            raise AccountTaken
        return Met(found[0], is_new=False)
    happened(call, "customer.created", show("acc", made))
    note(call.session, Actor.of(call), "customer.created", show("acc", made))
    return Met(account_of(call, made), is_new=True)


def _made(call: Call, told: dict[str, Any]) -> UUID | None:
    row = {"id": new_id(), "workspace_id": call.workspace, **told}
    return call.session.scalar(insert(Account).values(row).on_conflict_do_nothing().returning(Account.id))
