"""API keys: `sayso_mcp_…`, shown once, stored as a hash, bound to one workspace and its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm.access.tables import ApiKey
from kernel.call import Caller
from kernel.keys import new_secret, token_hash

PREFIX = "sayso_mcp_"
SCOPES = ("workspace", "contacts", "messaging", "reminders", "payments")
"""What a key may hold; no scope decides an approval, for no operation does."""


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `secret` is seen here and never again."""

    id: UUID
    secret: str


def issue(session: Session, workspace: UUID, name: str, scopes: tuple[str, ...] = SCOPES) -> IssuedKey:
    """Make a key for an agent."""
    secret = f"{PREFIX}{new_secret()}"
    key = ApiKey(workspace_id=workspace, name=name, key_hash=token_hash(secret), last_four=secret[-4:], scopes=list(scopes))
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
    """End a key at once; False when there is no such live key."""
    mine = (ApiKey.id == key, ApiKey.workspace_id == workspace, ApiKey.revoked_at.is_(None))
    return session.execute(update(ApiKey).where(*mine).values(revoked_at=func.now()).returning(ApiKey.id)).scalar() is not None
