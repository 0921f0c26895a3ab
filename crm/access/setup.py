"""Founding a workspace from the host's shell: its owner and a first key."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from approvals.people import Person, Rank
from crm.access.keys import IssuedKey, issue
from kernel.keys import new_id
from kernel.money import CURRENCY_OF
from kernel.tenancy import Workspace
from outbox.content import as_address, one_line, readable

LONGEST_NAME = 120
THIS_HOSTS = "localtime"
"""What a host calls its own time zone; another host means another by it, and PostgreSQL none."""
NO_ZONE = "that is not a time zone such as Europe/Paris"


@dataclass(frozen=True, slots=True)
class Founded:
    """A new workspace with its owner and a first agent key."""

    workspace: UUID
    owner: UUID
    key: IssuedKey


def found(session: Session, name: str, owner_email: str, *, zone: str = "UTC", owner_name: str = "") -> Founded:
    """Make a workspace; the session must belong to the owner role. Raises ValueError for a bad address, name or zone."""
    email = as_address(owner_email)
    workspace = Workspace(id=new_id(), name=as_title(name), zone=known_zone(session, as_zone(zone)))
    session.add(workspace)
    session.flush()
    owner = Person(id=new_id(), workspace_id=workspace.id, email=email, name=owner_name or email.partition("@")[0].capitalize(), rank=Rank.OWNER)
    session.add(owner)
    session.flush()
    return Founded(workspace.id, owner.id, issue(session, workspace.id, "first agent"))


def as_title(name: str) -> str:
    """The name of a business, in a line; raises ValueError."""
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        msg = f"the name must have 1 to {LONGEST_NAME} characters"
        raise ValueError(msg)
    return readable(one_line(name.strip()))


def as_zone(name: str) -> str:
    """A time zone by its IANA name; raises ValueError."""
    if name == THIS_HOSTS or name not in available_timezones():
        raise ValueError(NO_ZONE)
    return name


def known_zone(session: Session, name: str) -> str:
    """A time zone that the database knows too, by its own list; raises ValueError."""
    if not session.scalar(select(func.is_zone(name))):
        raise ValueError(NO_ZONE)
    return name


def as_country(code: str) -> str:
    """A country by its two letters (ISO 3166), in capitals; raises ValueError."""
    if code.upper() not in CURRENCY_OF:
        msg = "that is not the code of a country such as FR"
        raise ValueError(msg)
    return code.upper()


def people_with(session: Session, email: str) -> list[Person]:
    """Everybody with this address, one per workspace; the session must belong to the owner role."""
    return list(session.scalars(select(Person).where(Person.email == as_address(email)).order_by(Person.created_at)))
