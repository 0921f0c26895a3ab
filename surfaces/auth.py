"""Who calls: an agent's key or a person's session becomes a Caller and its workspace; a wrong one is refused, never taken for nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.requests import Request

from approvals.operating import OPERATE
from approvals.resolve import MayNotOperate, may_operate
from crm.access.keys import SCOPES, find_caller
from crm.access.sessions import TERMINAL_PREFIX, find_person
from kernel.call import Caller
from kernel.clock import now
from kernel.errors import AuthRequired, Forbidden, InvalidArguments, KeyRefused, ScopeMissing
from kernel.keys import token_hash
from kernel.operation import Effect, Operation
from surfaces.door import Door
from surfaces.faults import told

KEY_PREFIX = "sayso_mcp_"
LONGEST_KEY = 200
READING = ":read"
READS = frozenset(f"{scope}{READING}" for scope in SCOPES)
"""What a signed-in person's terminal may do beside operating: read what a key could read, and ask for nothing."""
COMING_IN = frozenset(
    {
        "start_login",
        "finish_login",
        "end_login",
        "register_organisation_request",
        "register_organisation_verify",
        "accept_team_invite_request",
        "accept_team_invite_verify",
    }
)
"""Public, but of no use to an agent that has its key, which should not even think of them."""
TOOLSET = "sayso-toolset"
"""The header by which a client says which scopes it wants of those that its key holds: `bookings, contacts:read`."""
TOOLSETS = READS | {*SCOPES, OPERATE}


class UnknownToolset(InvalidArguments):
    """The Sayso-Toolset header names something that is no toolset."""

    code = "unknown_toolset"
    next_step = f"Name any of {', '.join(SCOPES)}, separated by commas; with :read behind one for its reading tools only."


class SessionEnded(KeyRefused):
    """This sign-in has ended."""

    code = "session_ended"
    next_step = "Sign in again: sayso login."


class PersonNeeded(Forbidden):
    """Only a person does this; no key can."""

    code = "person_needed"
    next_step = "Ask an owner or a manager: they do it in the portal (/portal/doubts, /portal/dead, /portal/lanes), or in a terminal after `sayso login`."


@dataclass(frozen=True, slots=True)
class Known:
    """A caller and the workspace its key belongs to."""

    caller: Caller
    workspace: UUID | None

    def may(self, operation: Operation) -> bool:
        """Whether the operation is shown to this caller."""
        return allows(self.caller, operation) and not (self.caller.kind == "agent" and operation.name in COMING_IN)


NOBODY = Known(Caller("public", None, "anonymous"), None)


def allows(caller: Caller, operation: Operation) -> bool:
    """Whether this caller may call the operation."""
    reads = operation.effect is Effect.READ and f"{operation.scope}{READING}" in caller.scopes
    operates = operation.operated and OPERATE in caller.scopes
    return operation.is_public or reads or operates or operation.scope in caller.scopes


def lacking(caller: Caller, operation: Operation) -> Forbidden:
    """Why a known caller may not call the operation, and who may."""
    if operation.scope == OPERATE or (operation.operated and caller.kind == "person"):
        return MayNotOperate() if caller.kind == "person" else PersonNeeded()
    if caller.kind == "person":
        return Forbidden("A terminal reads and operates; it asks for nothing.", next_step="Let an agent ask for it, with a key.")
    return ScopeMissing(f"This key lacks the scope '{operation.scope}' that {operation.name} needs.", scope=operation.scope)


async def identify(door: Door, request: Request) -> Known:
    """The caller that the headers name, with no more scopes than they ask for; nobody, from where they come, without a key.

    Raises KeyRefused for a wrong key, UnknownToolset.
    """
    wanted = request.headers.get(TOOLSET)
    known = await _identified(door, request)
    return known if wanted is None else narrowed(known, wanted)


def narrowed(known: Known, wanted: str) -> Known:
    """The same caller with those of its scopes that are wanted; `bookings:read` of `bookings` is a part of it. Raises UnknownToolset."""
    named = {name.strip() for name in wanted.split(",") if name.strip()}
    if not named <= TOOLSETS:
        raise UnknownToolset
    held = known.caller.scopes
    kept = {name for name in named if name in held or name.removesuffix(READING) in held}
    read = {f"{name}{READING}" for name in named if f"{name}{READING}" in held}
    return replace(known, caller=replace(known.caller, scopes=frozenset(kept | read)))


async def _identified(door: Door, request: Request) -> Known:
    sent = request.headers.getlist("authorization")
    if not sent:
        return Known(replace(NOBODY.caller, origin=request.client.host if request.client else ""), None)
    scheme, _, key = sent[0].strip().partition(" ")
    if len(sent) > 1 or scheme.lower() != "bearer":
        msg = "The Authorization header is not a single 'Bearer' key."
        raise KeyRefused(msg, next_step=AuthRequired.next_step)
    return await door.step(_look_up, door, key.strip())


def challenge(refused: AuthRequired) -> str:
    """The WWW-Authenticate header; it names no resource metadata, since keys are given by people, not by OAuth."""
    return 'Bearer realm="sayso", error="invalid_token"' if isinstance(refused, KeyRefused) else 'Bearer realm="sayso"'


def _look_up(door: Door, key: str) -> Known:
    if not (key.startswith((KEY_PREFIX, TERMINAL_PREFIX)) and key.isascii() and len(key) <= LONGEST_KEY):
        raise KeyRefused
    with told(), door.database.transaction(credential=token_hash(key)) as session:
        if key.startswith(TERMINAL_PREFIX):
            return _person(door, session, key)
        found = find_caller(session, key)
    if found is None:
        raise KeyRefused
    return Known(*found)


def _person(door: Door, session: Session, token: str) -> Known:
    """What a person may do is read anew each time: a rank that is lost counts at once."""
    person = find_person(session, token, "terminal", now())
    if person is None:
        raise SessionEnded
    scopes = READS | {OPERATE} if may_operate(person, door.settings) else READS
    return Known(Caller("person", person.id, person.name, scopes), person.workspace_id)
