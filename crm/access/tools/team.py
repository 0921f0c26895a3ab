"""The tools about who belongs: propose somebody, see the team, and come in by an invitation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from approvals.people import everybody
from crm.access import invites
from crm.access.invites import CODE_LASTS, Guest
from crm.access.tables import Invite
from crm.access.team import UserId
from crm.access.tools.registration import SIX_DIGITS, mask
from kernel.call import Call
from kernel.keys import Wire
from kernel.operation import PUBLIC, Answer, Asked, AskedOnce, Effect, NoArguments, operation
from kernel.tenancy import WorkspaceId
from outbox.content import Address, one_line, readable
from outbox.events import Actor

InviteId = Annotated[UUID, Wire("ivt")]
Name = Annotated[str, AfterValidator(one_line), AfterValidator(readable)]
Role = Literal["manager", "staff"]
LONGEST_TOKEN = 100


class CreateTeamMemberInvite(AskedOnce):
    """Who shall belong."""

    email: Address = Field(max_length=320, description="Where the invitation goes, once an owner has confirmed it.")
    role: Role = Field(description="manager: decides what leaves, makes keys; staff: sees.")
    name: Name | None = Field(None, max_length=80, description="What this person is called.")
    expires_in_hours: int = Field(72, ge=1, le=168, description="How long the letter is good, from the owner's yes on.")


class InviteShown(Answer):
    """An invitation."""

    invite_id: InviteId
    email: str
    role: str = Field(description="manager or staff.")
    status: Literal["waits_for_owner", "invited"] = Field(description="Nobody is written to before an owner confirms.")
    expires_at: datetime
    next_step: str


@operation("workspace", Effect.WRITE, example={"email": "robin@example.com", "role": "staff", "name": "Robin"})
def create_team_member_invite(call: Call, asked: CreateTeamMemberInvite) -> InviteShown:
    """Ask the owners to invite somebody into the team. Nobody is written to until an owner confirms it in the portal."""
    guest = Guest(asked.email, asked.role, asked.name, asked.expires_in_hours)
    return _shown(invites.propose(call.session, call.settings, Actor.of(call), guest), call)


def _shown(invite: Invite, call: Call) -> InviteShown:
    waits = invite.confirmed_at is None
    step = f"An owner confirms it at {call.settings.base_url}/portal/settings/team." if waits else "The invited person opens the letter."
    status: Literal["waits_for_owner", "invited"] = "waits_for_owner" if waits else "invited"
    return InviteShown(invite_id=invite.id, email=invite.address, role=invite.role, status=status, expires_at=invite.expires_at, next_step=step)


class Member(Answer):
    """Somebody of the team."""

    user_id: UserId
    name: str
    email: str
    role: str = Field(description="owner, manager or staff.")
    joined_at: datetime


class Team(Answer):
    """Who belongs, and who is invited."""

    items: list[Member]
    invites: list[InviteShown] = Field(description="What waits for an owner or for the invited person.")
    next_cursor: str | None = None
    total: int


@operation("workspace", Effect.READ)
def list_team_members(call: Call, asked: NoArguments) -> Team:  # noqa: ARG001 - every operation takes both
    """List the people of the team, longest here first, and the invitations that are open."""
    people = [person for person in everybody(call.session, call.workspace) if person.ended_at is None]
    return Team(
        items=[Member(user_id=one.id, name=one.name, email=one.email, role=one.rank, joined_at=one.created_at) for one in people],
        invites=[_shown(invite, call) for invite in invites.waiting(call.session, call.workspace)],
        total=len(people),
    )


class AcceptTeamInviteRequest(Asked):
    """Which invitation."""

    token: str = Field(min_length=16, max_length=LONGEST_TOKEN, description="From the letter.")


class InviteCodeSent(Answer):
    """A letter with a code is on its way."""

    masked_email: str = Field(description="Where the code went.")
    expires_at: datetime
    next_step: str


@operation(PUBLIC, Effect.WRITE, example={"token": "from the letter, 22 characters"})
def accept_team_invite_request(call: Call, asked: AcceptTeamInviteRequest) -> InviteCodeSent:
    """Ask for the code that accepts an invitation, without a key. It goes to the invited address."""
    address = invites.ask_code(call.session, call.settings, asked.token, call.caller.origin)
    step = "Ask the invited person for the six digits, and call accept_team_invite_verify."
    return InviteCodeSent(masked_email=mask(address), expires_at=call.moment + CODE_LASTS, next_step=step)


class AcceptTeamInviteVerify(AcceptTeamInviteRequest):
    """The code."""

    code: str = Field(pattern=SIX_DIGITS, description="Six digits, from the second letter.")
    name: Name | None = Field(None, max_length=80, description="What the person is called, when not as invited.")


class InviteAccepted(Answer):
    """Somebody belongs now."""

    status: Literal["joined", "existing_account"]
    organisation_id: WorkspaceId
    company_id: WorkspaceId = Field(description="The same.")
    user_id: UserId | None = None
    role: str = Field(description="As the owner confirmed it.")
    login_url: str = Field(description="Where the person signs in.")
    next_steps: list[str] = Field(description="What to do now.")


@operation(PUBLIC, Effect.WRITE, example={"token": "from the letter, 22 characters", "code": "123456"})
def accept_team_invite_verify(call: Call, asked: AcceptTeamInviteVerify) -> InviteAccepted:
    """Accept an invitation with its code. The person belongs from then on; there is no key in it."""
    joined = invites.accept(call.session, call.settings, asked.token, asked.code, asked.name)
    steps = ["Sign in at loginUrl with a code that comes by e-mail."]
    return InviteAccepted(
        status="joined" if joined.person else "existing_account",
        organisation_id=joined.workspace,
        company_id=joined.workspace,
        user_id=joined.person,
        role=joined.role,
        login_url=f"{call.settings.base_url}/portal/sign-in",
        next_steps=[*steps, "Make a key for an agent there, under Settings, Keys."] if joined.role == "manager" else steps,
    )
