"""Who is signed in: opens a visit's transaction for the person behind the session cookie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from approvals import standstill
from approvals.people import Person, Rank
from approvals.standstill import SHOWN
from crm.access.sessions import find_person
from kernel.call import Call
from kernel.clock import now, zone_of
from kernel.keys import token_hash
from kernel.tenancy import Workspace
from surfaces.portal import forms
from surfaces.portal.cookies import SESSION
from surfaces.portal.refusals import DecidersOnly, NotSignedIn, OwnersOnly
from surfaces.portal.visit import Visit


@dataclass(frozen=True, slots=True)
class Inside:
    """A signed-in visit: its open transaction and its person."""

    visit: Visit
    session: Session
    person: Person
    token: str

    @property
    def call(self) -> Call:
        """What an operation receives when this person calls it."""
        return Call(self.session, self.person.as_caller(), self.person.workspace_id, now(), self.visit.settings)

    def nonce(self, subject: str) -> str:
        """A nonce for a form about this subject, good for this session alone."""
        return forms.nonce(self.visit.settings, token_hash(self.token).hex(), subject)

    def check(self, subject: str) -> None:
        """Raises StaleForm unless the form was made for this session and subject."""
        forms.check_nonce(self.visit.settings, self.visit.form, token_hash(self.token).hex(), subject)

    def for_deciders(self) -> None:
        """Raises DecidersOnly unless an owner or a manager is signed in."""
        if not self.person.may_decide:
            raise DecidersOnly

    def for_owners(self) -> None:
        """Raises OwnersOnly unless an owner is signed in."""
        if self.person.rank != Rank.OWNER:
            raise OwnersOnly

    @property
    def frame(self) -> dict[str, Any]:
        """What the frame around every portal page shows."""
        return {"me": self.person.name, "leave_nonce": self.nonce("leave"), "stuck": self._stuck()}

    def _stuck(self) -> dict[str, str]:
        """How many doubts and dead letters there are, where there are any; beyond what one list shows: many."""
        counts = {state: standstill.count(self.session, self.person.workspace_id, state) for state in standstill.ORDERS}
        return {state: f"{SHOWN}+" if many > SHOWN else str(many) for state, many in counts.items() if many}

    @property
    def zone(self) -> ZoneInfo:
        """The business's own clock."""
        return zone_of(self.session.get_one(Workspace, self.person.workspace_id).zone)


@contextmanager
def inside(visit: Visit) -> Iterator[Inside]:
    """The signed-in visit, in one transaction of the person's workspace. Raises NotSignedIn."""
    token = SESSION.read(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        person = find_person(session, token, "portal", now())
        if person is None:
            raise NotSignedIn
        yield Inside(visit, session, person, token)
