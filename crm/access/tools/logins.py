"""The tools by which a terminal is signed in, for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from approvals.resolve import MayNotOperate, may_operate
from crm.access import logins, sessions
from kernel.call import Call
from kernel.db import bind
from kernel.keys import token_hash
from kernel.operation import PUBLIC, Answer, Asked, Effect, NoArguments, operation
from kernel.tenancy import Workspace
from outbox.events import note

LONGEST_NAME = 400
LONGEST_SECRET = 100


class StartedLogin(Answer):
    """What a terminal shows and keeps while a person confirms."""

    login_id: str = Field(description="The name of this sign-in.")
    secret: str = Field(description="Proves that it is the same terminal; keep it from everybody.")
    user_code: str = Field(description="The portal shows the same code.")
    confirm_url: str = Field(description="Where a signed-in person confirms.")
    expires_at: datetime


@operation(PUBLIC, Effect.WRITE)
def start_login(call: Call, asked: NoArguments) -> StartedLogin:  # noqa: ARG001 - every operation takes both
    """Begin to sign a person in at a terminal; `sayso login` calls this."""
    if call.caller.kind == "agent":
        raise MayNotOperate
    started = logins.start(call.settings)
    return StartedLogin(
        login_id=started.name,
        secret=started.secret,
        user_code=started.code,
        confirm_url=f"{call.settings.base_url}/portal/confirm?login={started.name}",
        expires_at=call.moment + logins.LOGIN_LASTS,
    )


class FinishLogin(Asked):
    """Which sign-in, from which terminal."""

    login_id: str = Field(max_length=LONGEST_NAME, description="From start_login.")
    secret: str = Field(max_length=LONGEST_SECRET, description="From start_login.")


class FinishedLogin(Answer):
    """Still pending, or a session's token, once."""

    status: Literal["pending", "confirmed"] = Field(description="pending until a person confirms in the portal.")
    token: str | None = Field(None, description="The person's session for this terminal, shown once.")
    expires_at: datetime | None = None
    name: str | None = None
    company: str | None = Field(None, description="Whose workspace.")
    operates: bool = Field(default=False, description="Whether this person may settle, replay and pause.")


@operation(PUBLIC, Effect.WRITE, example={"loginId": "from start_login", "secret": "from start_login"})
def finish_login(call: Call, asked: FinishLogin) -> FinishedLogin:
    """Fetch the session of a sign-in that a person confirmed; pending until then."""
    if call.caller.kind == "agent":
        raise MayNotOperate
    met = logins.finish(call.session, logins.read(call.settings, asked.login_id), asked.secret, call.moment)
    if met is None:
        return FinishedLogin(status="pending")
    person, token = met
    note(call.session, person.as_actor(), "terminal.signed_in", str(person.id))
    return FinishedLogin(
        status="confirmed",
        token=token,
        expires_at=call.moment + sessions.SESSION_LASTS,
        name=person.name,
        company=call.session.get_one(Workspace, person.workspace_id).name,
        operates=may_operate(person, call.settings),
    )


class EndLogin(Asked):
    """Which session."""

    token: str = Field(max_length=LONGEST_SECRET, description="From finish_login.")


class EndedLogin(Answer):
    """It opens nothing any more."""

    status: str = "ended"


@operation(PUBLIC, Effect.SET, example={"token": "from finish_login"})
def end_login(call: Call, asked: EndLogin) -> EndedLogin:
    """Sign a terminal out; whoever holds its session may end it."""
    bind(call.session, None, token_hash(asked.token))
    person = sessions.find_person(call.session, asked.token, "terminal", call.moment)
    if person is not None:
        sessions.leave(call.session, asked.token)
        note(call.session, person.as_actor(), "terminal.signed_out", str(person.id))
    return EndedLogin()
