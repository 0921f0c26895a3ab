"""Makes what tests need: a caller's call, a held send, a decision, and the worker's parts around a memory provider."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy.orm import Session

from approvals.decide import decide
from approvals.people import Person
from approvals.requests import Pending
from approvals.votes import Decision, Verdict
from crm.access.keys import SCOPES
from crm.access.sessions import begin
from crm.access.setup import Founded
from kernel.arguments import validated
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database, bind
from kernel.keys import token_hash
from kernel.operation import Answer, find
from kernel.settings import Settings
from outbox import sends
from outbox.accounts import SANDBOX_SENDERS
from outbox.sends import Send
from outbox.windows import open_window
from providers.memory import Memory
from workers.calls import Calls
from workers.drain import Drains

PHONE = "+447400123456"


@dataclass(frozen=True)
class Desk:
    """A workspace with its database as the web role sees it: where an agent asks and a person decides."""

    database: Database
    settings: Settings
    founded: Founded

    def run(self, name: str, /, **arguments: Any) -> Answer:
        """Run an operation as the workspace's agent, in one transaction."""
        operation = find(name)
        assert operation
        agent = Caller("agent", self.founded.key.id, "first agent", frozenset(SCOPES))
        with self.database.transaction(workspace=self.founded.workspace) as session:
            call = Call(session, agent, self.founded.workspace, now(), self.settings)
            return operation.run(call, validated(operation, arguments))

    def ask(self, body: str = "Your table is ready.", **more: Any) -> Pending:
        """A held SMS."""
        return cast("Pending", self.run("send_sms", to=more.pop("to", PHONE), body=body, **more))

    def decide(self, pending: Pending, verdict: Verdict = "approved", digest: str = "") -> None:
        """The owner's decision."""
        with self.signed_in() as (session, owner):
            decide(session, owner, Decision(pending.approval_id, bytes.fromhex(digest or pending.digest), verdict, "portal"))

    @contextmanager
    def signed_in(self, person: UUID | None = None) -> Iterator[tuple[Session, Person]]:
        """A transaction with a portal session of the person's own, or of the owner's: only so is a vote taken."""
        with self.database.transaction(workspace=self.founded.workspace) as session:
            somebody = session.get_one(Person, person or self.founded.owner)
            token = begin(session, somebody, "portal", now())
            session.flush()
            bind(session, self.founded.workspace, token_hash(token))
            yield session, somebody

    def answered(self, owner: Database, phone: str = PHONE) -> None:
        """The customer wrote by WhatsApp just now, so that it takes free words to them."""
        with owner.transaction() as session:
            ends = (SANDBOX_SENDERS["whatsapp"], phone)
            open_window(session, self.founded.workspace, ends, now())

    def approved(self, body: str = "Your table is ready.", **more: Any) -> Pending:
        """A send that the owner said yes to."""
        pending = self.ask(body, **more)
        self.decide(pending)
        return pending

    def send(self, pending: Pending) -> Send:
        """Where its one send stands."""
        with self.database.transaction(workspace=self.founded.workspace) as session:
            return sends.find(session, self.founded.workspace, pending.intent_ids)[0]


@dataclass(frozen=True)
class Bench:
    """The worker's parts around a memory provider that serves the sandbox's lanes."""

    database: Database
    settings: Settings
    memory: Memory

    def drain(self, lane: str = "sms:sandbox") -> None:
        """What a ticket for the lane does."""
        Drains(self.settings, self.database, Calls(self.settings, {"sandbox": self.memory})).drain(lane)
