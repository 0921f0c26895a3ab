"""One call of one operation: the open transaction, who calls, for which workspace, at which moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.settings import Settings

CallerKind = Literal["agent", "person", "system", "public"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an agent by its API key, a person by a session or link, the system itself, or nobody known."""

    kind: CallerKind
    id: UUID | None
    name: str
    scopes: frozenset[str] = frozenset()
    origin: str = ""
    """The network address it came from, where that is known; only strangers are counted by it."""

    def shown(self) -> str:
        """How ledger and audit name the caller."""
        return f"{self.kind}: {self.name}"


@dataclass(frozen=True, slots=True)
class Asking:
    """What travels beside a request for approval; shown as the agent's words, never part of what is sent."""

    summary: str | None = None
    thread_id: str | None = None
    agent_id: str | None = None
    expires_in: timedelta | None = None
    under: UUID | None = None
    """The standing approval of a rule that may answer; the database judges whether it does."""


@dataclass(frozen=True, slots=True)
class Call:
    """What every operation receives beside its arguments."""

    session: Session
    caller: Caller
    workspace: UUID
    moment: datetime
    settings: Settings
    asking: Asking = field(default_factory=Asking)

    def asking_for(self, asking: Asking) -> Call:
        """The same call with the words that go beside its approval."""
        return replace(self, asking=asking)
