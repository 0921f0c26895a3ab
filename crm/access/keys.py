"""API keys: `sayso_mcp_…`, shown once, stored as a hash, bound to one workspace and its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.resolve import stop
from crm.access.tables import ApiKey
from kernel.call import Caller
from kernel.keys import Wire, new_secret, token_hash

KeyId = Annotated[UUID, Wire("key")]
PREFIX = "sayso_mcp_"
SCOPES = ("workspace", "contacts", "messaging", "reminders", "payments")
"""What a key may hold; no scope decides an approval, for no operation does, and none operates: the database refuses a key that would."""
REVOKED = "its key was revoked"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `secret` is seen here and never again."""

    id: UUID
    secret: str


def issue(session: Session, workspace: UUID, name: str, scopes: tuple[str, ...] = SCOPES, created_by: UUID | None = None) -> IssuedKey:
    """Make a key for an agent; `created_by`: the person who made it, None for the host's shell. Raises ValueError for a scope that no key may hold."""
    if not set(scopes) <= set(SCOPES):
        msg = f"a key may hold: {', '.join(SCOPES)}"
        raise ValueError(msg)
    secret = f"{PREFIX}{new_secret()}"
    key = ApiKey(workspace_id=workspace, name=name, key_hash=token_hash(secret), last_four=secret[-4:], scopes=list(scopes), created_by=created_by)
    session.add(key)
    session.flush()
    return IssuedKey(key.id, secret)


def find_caller(session: Session, secret: str) -> tuple[Caller, UUID] | None:
    """The agent that a key names, and its workspace; None for an unknown or revoked one.

    The transaction must have been opened with `credential=token_hash(secret)`.
    """
    key = session.scalar(select(ApiKey).where(ApiKey.key_hash == token_hash(secret), ApiKey.revoked_at.is_(None)))
    return (Caller("agent", key.id, key.name, frozenset(key.scopes)), key.workspace_id) if key else None


def revoke(session: Session, workspace: UUID, key: UUID) -> bool:
    """End a key at once, and hold what it asked for and is still waiting; False when there is no such live key."""
    mine = (ApiKey.id == key, ApiKey.workspace_id == workspace, ApiKey.revoked_at.is_(None))
    ended = session.execute(update(ApiKey).where(*mine).values(revoked_at=func.now()).returning(ApiKey.id)).scalar() is not None
    if ended:
        stop(session, workspace, key, REVOKED)
    return ended


def newest(session: Session, workspace: UUID, limit: int) -> list[ApiKey]:
    """The keys of a workspace, newest first, revoked ones too."""
    mine = select(ApiKey).where(ApiKey.workspace_id == workspace)
    return list(session.scalars(mine.order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit)))
