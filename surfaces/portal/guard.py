"""Who is signed in: opens a visit's transaction for the person behind the session cookie."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from approvals.people import Person
from crm.access.sessions import find_person
from kernel.clock import now
from kernel.keys import token_hash
from surfaces.portal import forms
from surfaces.portal.cookies import SESSION
from surfaces.portal.refusals import NotSignedIn
from surfaces.portal.visit import Visit


@dataclass(frozen=True, slots=True)
class Inside:
    """A signed-in visit: its open transaction and its person."""

    visit: Visit
    session: Session
    person: Person
    token: str

    def nonce(self, subject: str) -> str:
        """A nonce for a form about this subject, good for this session alone."""
        return forms.nonce(self.visit.settings, token_hash(self.token).hex(), subject)

    def check(self, subject: str) -> None:
        """Raises StaleForm unless the form was made for this session and subject."""
        forms.check_nonce(self.visit.settings, self.visit.form, token_hash(self.token).hex(), subject)

    @property
    def frame(self) -> dict[str, Any]:
        """What the frame around every portal page shows."""
        return {"me": self.person.name, "leave_nonce": self.nonce("leave")}


@contextmanager
def inside(visit: Visit) -> Iterator[Inside]:
    """The signed-in visit, in one transaction of the person's workspace. Raises NotSignedIn."""
    token = SESSION.read(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        person = find_person(session, token, "portal", now())
        if person is None:
            raise NotSignedIn
        yield Inside(visit, session, person, token)
