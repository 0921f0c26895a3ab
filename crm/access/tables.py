"""The credentials' tables as classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class ApiKey(Row):
    """An agent's key."""

    __tablename__ = "api_key"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_four: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[UUID | None]
    created_at: Mapped[Stamp]
    revoked_at: Mapped[datetime | None]
    old_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None]


class LoginLink(Row):
    """A one-time link into the portal for one person."""

    __tablename__ = "login_link"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PortalSession(Row):
    """A person signed in, to the portal or from a terminal."""

    __tablename__ = "portal_session"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    via: Mapped[str] = mapped_column(default="portal")
    created_at: Mapped[Stamp]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TerminalLogin(Row):
    """A terminal that a person let in, or turned away, in the portal."""

    __tablename__ = "terminal_login"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[Stamp]
    finished_at: Mapped[datetime | None]


class SignInCode(Row):
    """The newest code that was e-mailed to a person, and what became of it."""

    __tablename__ = "sign_in_code"

    person_id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    proved_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Throttle(Row):
    """How often something was done since a moment; by whom is a keyed hash."""

    __tablename__ = "throttle"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used: Mapped[int]
    since: Mapped[Stamp]


class Registration(Row):
    """A business that a stranger wishes to found; the web login reaches it through the database's two functions alone."""

    __tablename__ = "registration"

    id: Mapped[PrimaryKey]
    address: Mapped[str]
    organisation: Mapped[str]
    industry: Mapped[str | None]
    country: Mapped[str | None]
    zone: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    letter_id: Mapped[UUID]
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[Stamp]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invite(Row):
    """Somebody who shall belong, once an owner has confirmed it and they have come in."""

    __tablename__ = "invite"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    address: Mapped[str]
    name: Mapped[str | None]
    role: Mapped[str]
    hours: Mapped[int]
    asked_by_name: Mapped[str]
    asked_at: Mapped[Stamp]
    expires_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    letter_id: Mapped[UUID | None]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    code_letter_id: Mapped[UUID | None]
    code_until: Mapped[datetime | None]
    codes: Mapped[int]
    tries: Mapped[int]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]


class AddressChange(Row):
    """A person's change of e-mail address or phone, until it is in force or over."""

    __tablename__ = "address_change"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    field: Mapped[str]
    new: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    keep_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[Stamp]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]


class AgentIssue(Row):
    """What an agent reports of this server."""

    __tablename__ = "agent_issue"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    key_id: Mapped[UUID]
    severity: Mapped[str]
    area: Mapped[str]
    title: Mapped[str]
    told: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
