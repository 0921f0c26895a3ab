"""Who books: a customer who is known already by e-mail address or phone number, or a new one."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from crm.bookings.tables import Service
from crm.contacts.known import meet
from crm.contacts.shapes import account_of, tier_of
from crm.contacts.tables import Account
from crm.contacts.tiers import tier_named
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments
from kernel.keys import show
from kernel.operation import Asked
from outbox.content import Address, OneLine, Phone


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
        return meet(call, told.model_dump()).account
    raise InvalidArguments("Give either `customer` or `accountId`.")


class MembersOnly(Conflict):
    """This service is for members, and the customer will be none of that tier then."""

    code = "members_only"
    next_step = "Enrol the customer with enrol_membership if they take it, or choose another service."


def check_member(call: Call, service: Service, account: Account, start: datetime) -> None:
    """Raises MembersOnly unless the service is for everybody, or the customer is a member when it begins."""
    if service.tier_id is not None and tier_of(account, start) != service.tier_id:
        tier = tier_named(call, service.tier_id)
        raise MembersOnly(tierId=show("tier", tier.id), tierName=tier.name)
