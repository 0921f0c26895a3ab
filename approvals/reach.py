"""Where and when somebody is written to, as they say themselves: by which channel, and in which hours not."""

from __future__ import annotations

from datetime import time
from typing import Self

from pydantic import Field, model_validator
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.tables import Reach
from kernel.errors import Conflict
from kernel.operation import Asked
from kernel.settings import Channel


class NoPhone(Conflict):
    """There is no phone to write to yet."""

    code = "no_phone"
    next_step = "Add a phone number first; it is used a day later."


class Wanted(Asked):
    """What a person wishes."""

    channel: Channel = Field(description="email, sms or whatsapp.")
    quiet_from: time | None = Field(None, description="Begin of the quiet hours.")
    quiet_to: time | None = Field(None, description="Their end.")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_to is None):
            msg = "quiet hours have a begin and an end"
            raise ValueError(msg)
        return self


def wish(session: Session, person: Person, wanted: Wanted) -> None:
    """Keep what the person wishes; the database takes it in their own portal session alone. Raises NoPhone."""
    if wanted.channel != "email" and not person.phone:
        raise NoPhone
    said = {"channel": wanted.channel, "quiet_from": wanted.quiet_from, "quiet_to": wanted.quiet_to}
    row = insert(Reach).values(person_id=person.id, workspace_id=person.workspace_id, **said)
    session.execute(row.on_conflict_do_update(index_elements=["workspace_id", "person_id"], set_=said))
