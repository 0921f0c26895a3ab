"""The tools by which an agent without a key founds a business: ask for a code, and say the code."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from crm.access import registration
from crm.access.registration import CODE_LASTS, Wish
from crm.access.setup import LONGEST_NAME, as_country, as_title, as_zone, known_zone
from crm.access.team import UserId
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.keys import Wire
from kernel.operation import PUBLIC, Answer, Asked, Effect, operation
from kernel.tenancy import WorkspaceId
from outbox.content import Address, OneLine, readable

RegistrationId = Annotated[UUID, Wire("reg")]
SIX_DIGITS = r"^[0-9]{6}$"
NEXT = [
    "Keep apiKey where you keep secrets; it is not shown again. Send it as 'Authorization: Bearer …'.",
    "The owner signs in at loginUrl with a code that comes by e-mail, and decides there what may leave.",
    "Then begin: create_service, list_services, get_available_slots, create_booking.",
]
SIGN_IN = ["This address owns a business here already. The owner signs in at loginUrl and makes a key for you under Settings, Keys."]


class RegisterOrganisationRequest(Asked):
    """The business to be founded."""

    email: Address = Field(max_length=320, description="The owner's; the code goes there, and the owner signs in with it.")
    organisation_name: Annotated[str, AfterValidator(as_title)] = Field(max_length=LONGEST_NAME, description="What customers call the business.")
    industry: Annotated[OneLine, AfterValidator(readable)] | None = Field(None, max_length=80, description="Such as salon.")
    country: Annotated[str, AfterValidator(as_country)] | None = Field(None, description="Two letters (ISO 3166): its currency, and which numbers are abroad.")
    timezone: Annotated[str, AfterValidator(as_zone)] = Field("UTC", description="IANA name, such as Europe/Paris.")


class RegistrationRequested(Answer):
    """A letter is on its way."""

    request_id: RegistrationId
    masked_email: str = Field(description="Where the code went.")
    expires_at: datetime
    instructions: str = Field(description="What to do now.")


@operation(
    PUBLIC,
    Effect.WRITE,
    example={"email": "mia@example.com", "organisationName": "Studio Mia", "industry": "salon", "country": "FR", "timezone": "Europe/Paris"},
)
def register_organisation_request(call: Call, asked: RegisterOrganisationRequest) -> RegistrationRequested:
    """Ask to found a business, without a key. A code of six digits goes to the owner's e-mail address."""
    try:
        known_zone(call.session, asked.timezone)
    except ValueError as unknown:
        raise InvalidArguments(f"timezone: {unknown}.") from unknown
    wish = Wish(asked.email, asked.organisation_name, asked.industry, asked.country, asked.timezone)
    request = registration.ask(call.session, call.settings, wish, call.caller.origin)
    return RegistrationRequested(
        request_id=request,
        masked_email=mask(asked.email),
        expires_at=call.moment + CODE_LASTS,
        instructions="Ask the owner for the code in the letter, and call register_organisation_verify with it. Never guess: five tries in all.",
    )


class RegisterOrganisationVerify(Asked):
    """The code."""

    request_id: RegistrationId = Field(description="From register_organisation_request.")
    code: str = Field(pattern=SIX_DIGITS, description="Six digits, from the owner's letter.")


class OrganisationRegistered(Answer):
    """A new business and its first key; or that the address owns one already, and then neither."""

    status: Literal["registered", "existing_account"]
    organisation_id: WorkspaceId | None = None
    company_id: WorkspaceId | None = Field(None, description="The same: a business is one company.")
    user_id: UserId | None = Field(None, description="The owner.")
    api_key: str | None = Field(None, description="Shown once.")
    login_url: str = Field(description="Where the owner signs in.")
    next_steps: list[str] = Field(description="What to do now.")


@operation(PUBLIC, Effect.WRITE, example={"requestId": "reg_01990000000070008000000000000000", "code": "123456"})
def register_organisation_verify(call: Call, asked: RegisterOrganisationVerify) -> OrganisationRegistered:
    """Found the business with the code from the letter. Answers its first API key, once."""
    made = registration.verify(call.session, call.settings, asked.request_id, asked.code)
    login_url = f"{call.settings.base_url}/portal/sign-in"
    if made is None:
        return OrganisationRegistered(status="existing_account", login_url=login_url, next_steps=SIGN_IN)
    return OrganisationRegistered(
        status="registered",
        organisation_id=made.workspace,
        company_id=made.workspace,
        user_id=made.owner,
        api_key=made.key.secret,
        login_url=login_url,
        next_steps=NEXT,
    )


def mask(address: str) -> str:
    """Enough of an address to know it again: `m…@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"
