"""API keys: `sayso_mcp_…`, shown once, stored as a hash, bound to one workspace and its scopes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.resolve import stop
from crm.access.tables import ApiKey
from kernel.call import Caller
from kernel.errors import Conflict, NotFound
from kernel.keys import Wire, new_id, new_secret, token_hash
from kernel.operation import Asked
from outbox.content import one_line, readable

KeyId = Annotated[UUID, Wire("key")]
PREFIX = "sayso_mcp_"
SCOPES = ("workspace", "contacts", "bookings", "membership", "messaging", "reminders", "payments")
"""What a key may hold; no scope decides an approval, for no operation does, and none operates: the database refuses a key that would."""
REVOKED = "its key was revoked"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `secret` is seen here and never again."""

    id: UUID
    secret: str


class NewKey(Asked):
    """What a person says of a key that an agent shall have."""

    name: Annotated[str, AfterValidator(one_line), AfterValidator(readable)] = Field(max_length=80, description="What it is called, in a line.")
    scopes: tuple[str, ...] = Field(min_length=1, description="What it may do.")


class FormUsed(Conflict):
    """This form has made its key already."""

    code = "form_used"
    next_step = "Open the page again for another key. A secret that was not kept cannot be shown again: revoke its key and make a new one."


def issue(session: Session, workspace: UUID, name: str, scopes: tuple[str, ...] = SCOPES, created_by: UUID | None = None) -> IssuedKey:
    """Make a key for an agent; `created_by`: the person who made it, None for the host's shell. Raises ValueError for a scope that no key may hold."""
    return _write(session, {"id": new_id(), "workspace_id": workspace, "name": name, "scopes": scopes, "created_by": created_by})


def issue_once(session: Session, maker: Person, key: UUID, new: NewKey) -> IssuedKey:
    """Make a key under the id that the form was given, so that a form sent twice makes one. Raises FormUsed, ValueError.

    The database takes it only in a transaction that presents the maker's own portal session, and only of owners and managers.
    """
    return _write(session, {"id": key, "workspace_id": maker.workspace_id, "created_by": maker.id, **new.model_dump()})


def replace(session: Session, workspace: UUID, key: UUID, hours: int) -> IssuedKey:
    """Give a key another secret, and end the one before after so many hours; id, name and scopes stay. Raises NotFound.

    The database takes it only in a transaction that presents an owner's or a manager's own portal session.
    """
    secret = f"{PREFIX}{new_secret()}"
    mine = (ApiKey.id == key, ApiKey.workspace_id == workspace, ApiKey.revoked_at.is_(None))
    fresh = {"key_hash": token_hash(secret), "last_four": secret[-4:], "old_hash": ApiKey.key_hash, "old_until": func.now() + timedelta(hours=hours)}
    if session.scalar(update(ApiKey).where(*mine).values(fresh).returning(ApiKey.id)) is None:
        raise NotFound
    return IssuedKey(key, secret)


def _write(session: Session, row: dict[str, Any]) -> IssuedKey:
    if not set(row["scopes"]) <= set(SCOPES):
        msg = f"a key may hold: {', '.join(SCOPES)}"
        raise ValueError(msg)
    secret = f"{PREFIX}{new_secret()}"
    new = insert(ApiKey).values({**row, "scopes": list(row["scopes"]), "key_hash": token_hash(secret), "last_four": secret[-4:]})
    if session.scalar(new.on_conflict_do_nothing(index_elements=["id"]).returning(ApiKey.id)) is None:
        raise FormUsed
    return IssuedKey(row["id"], secret)


def live(session: Session, workspace: UUID, key: UUID) -> ApiKey:
    """A key that is not revoked, held until the transaction ends. Raises NotFound."""
    mine = select(ApiKey).where(ApiKey.id == key, ApiKey.workspace_id == workspace, ApiKey.revoked_at.is_(None))
    found = session.scalar(mine.with_for_update())
    if found is None:
        raise NotFound
    return found


def find_caller(session: Session, secret: str) -> tuple[Caller, UUID] | None:
    """The agent that a key names, and its workspace; None for an unknown or revoked one.

    The transaction must have been opened with `credential=token_hash(secret)`.
    """
    shown = token_hash(secret)
    opens = or_(ApiKey.key_hash == shown, (ApiKey.old_hash == shown) & (ApiKey.old_until > func.now()))
    key = session.scalar(select(ApiKey).where(opens, ApiKey.revoked_at.is_(None)))
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
