"""Who books: a customer who is known already by e-mail address or phone number, or a new one."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm.contacts.tables import Account
from crm.contacts.tools import account_of
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.keys import new_id, show
from kernel.operation import Asked
from outbox.content import Address, OneLine, Phone
from outbox.events import Actor, happened, note


class CustomerInput(Asked):
    """A customer, by what they tell of themselves."""

    name: OneLine = Field(min_length=1, max_length=120, description="How the business calls them.")
    email: Address | None = Field(None, description="E-mail address.")
    phone: Phone | None = Field(None, description="Phone number, E.164.")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.email is None and self.phone is None:
            msg = "needs an email or a phone, else the same customer would be made again each time"
            raise ValueError(msg)
        return self


def account_for(call: Call, account: UUID | None, told: CustomerInput | None) -> Account:
    """The customer: by id, or matched by e-mail address, else by phone number, else new. What is known of them already stands."""
    if told is None and account is not None:
        return account_of(call, account)
    if told is not None and account is None:
        return _known(call, told) or _new(call, told)
    raise InvalidArguments("Give either `customer` or `accountId`.")


def _known(call: Call, told: CustomerInput) -> Account | None:
    """By e-mail address before phone number: a family may share a phone."""
    email, phone = func.lower(Account.email) == (told.email or "").lower(), Account.phone == told.phone
    matching = select(Account).where(Account.workspace_id == call.workspace, or_(email, phone))
    return call.session.scalars(matching.order_by(email.desc().nulls_last(), Account.id).limit(1)).first()


def _new(call: Call, told: CustomerInput) -> Account:
    row = {"id": new_id(), "workspace_id": call.workspace, **told.model_dump()}
    made = call.session.scalar(insert(Account).values(row).on_conflict_do_nothing().returning(Account.id))
    if made is None:  # somebody else made them in this very moment
        return account_of(call, _now_known(call, told).id)
    happened(call, "customer.created", show("acc", made))
    note(call.session, Actor.of(call), "customer.created", show("acc", made))
    return account_of(call, made)


def _now_known(call: Call, told: CustomerInput) -> Account:
    found = _known(call, told)
    if found is None:
        raise InvalidArguments("This customer clashes with one that exists.", next_step="Find them with search_members and give accountId.")
    return found
