"""Who calls: the bearer key becomes a Caller and its workspace; a wrong key is refused, never taken for nobody."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.datastructures import Headers

from crm.access.keys import find_caller
from kernel.call import Caller
from kernel.errors import AuthRequired, KeyRefused
from kernel.keys import token_hash
from kernel.operation import Operation
from surfaces.door import Door
from surfaces.faults import told

KEY_PREFIX = "sayso_mcp_"
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Known:
    """A caller and the workspace its key belongs to."""

    caller: Caller
    workspace: UUID | None

    def may(self, operation: Operation) -> bool:
        """Whether the operation is shown to, and may be called by, this caller."""
        return operation.is_public or operation.scope in self.caller.scopes


NOBODY = Known(Caller("public", None, "anonymous"), None)


async def identify(door: Door, headers: Headers) -> Known:
    """The caller that the Authorization header names; nobody when there is none; raises KeyRefused for any other."""
    sent = headers.getlist("authorization")
    if not sent:
        return NOBODY
    scheme, _, key = sent[0].strip().partition(" ")
    if len(sent) > 1 or scheme.lower() != "bearer":
        msg = "The Authorization header is not a single 'Bearer' key."
        raise KeyRefused(msg, next_step=AuthRequired.next_step)
    return await door.step(_look_up, door, key.strip())


def challenge(refused: AuthRequired) -> str:
    """The WWW-Authenticate header; it names no resource metadata, since keys are given by people, not by OAuth."""
    return 'Bearer realm="sayso", error="invalid_token"' if isinstance(refused, KeyRefused) else 'Bearer realm="sayso"'


def _look_up(door: Door, key: str) -> Known:
    if not (key.startswith(KEY_PREFIX) and key.isascii() and len(key) <= LONGEST_KEY):
        raise KeyRefused
    with told(), door.database.transaction(credential=token_hash(key)) as session:
        found = find_caller(session, key)
    if found is None:
        raise KeyRefused
    return Known(*found)
