"""The hands on what was approved and still waits: stop it, pause it, let it go on; the same in the portal and behind a link."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from approvals.halting import go_on, halt, rest
from approvals.people import Person
from kernel.settings import Settings
from surfaces.portal.runs import Hand


def _stop(session: Session, person: Person, approval: UUID, _settings: Settings) -> None:
    halt(session, person, approval)


HANDS: dict[Hand, Callable[[Session, Person, UUID, Settings], None]] = {"stop": _stop, "pause": rest, "resume": go_on}
