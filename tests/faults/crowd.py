"""The crowd of a soak: agents who ask, schedule, cancel and withdraw, and a person who decides, while everything around them breaks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from threading import Lock
from typing import Any
from uuid import UUID

import httpx2
import psycopg
from sqlalchemy.exc import DBAPIError

from approvals.requests import Pending
from approvals.votes import Verdict
from kernel.clock import monotonic, now, pause
from kernel.errors import SaysoError
from tests.fixtures.stage import TLS, Stage

UNREACHABLE = (DBAPIError, psycopg.Error, httpx2.TransportError)
WIRED = 0.3
"""How many ask over the web process rather than beside it."""
SOON = 3.0
PATIENCE = 60.0
DIGEST = "SELECT digest FROM approval WHERE id = :approval"
CHANNELS = ("sms", "sms", "sms", "whatsapp", "email")
WROTE = "INSERT INTO reply_window VALUES (:workspace, '+15005550006', :to, now() + interval '1 day') ON CONFLICT DO NOTHING"
"""They wrote by WhatsApp today: without that it takes no free words."""
FATES = ("approved",) * 14 + ("rejected", "withdrawn", "cancelled", "left", "approved, then cancelled", "approved, then cancelled")


@dataclass
class Told:
    """What the crowd was told happened: the checker holds the database and the ledger to it."""

    fates: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def note(self, intent: UUID, fate: str) -> None:
        """The system answered that this is so."""
        with self.lock:
            self.fates[str(intent)] = fate
            self.counts[fate] += 1


@dataclass
class Member:
    """One of the crowd, with dice of its own."""

    stage: Stage
    told: Told
    dice: Random

    def live(self, asks: int) -> None:
        """Ask so often, and see each through."""
        for number in range(asks):
            pending = self._insist(lambda turn=number: self._ask(turn))
            if pending:
                self._meet(pending[0], UUID(str(pending[1])), self.dice.choice(FATES))

    def _ask(self, number: int) -> tuple[UUID, UUID]:
        """A held message: its approval and its intent."""
        channel = self.dice.choice(CHANNELS)
        asked: dict[str, Any] = {"channel": channel, "body": f"Text {number} of {self.dice.randrange(10**9)}."}
        asked["to"] = f"guest{number}@example.com" if channel == "email" else f"+4474001{self.dice.randrange(10**5):05}"
        if channel == "email":
            asked["subject"] = "Tomorrow"
        if self.dice.random() < 0.1:
            asked["sendAt"] = (now() + timedelta(seconds=self.dice.random() * SOON)).isoformat()
        if channel == "whatsapp":
            self.stage.execute(WROTE, workspace=self.stage.desk.founded.workspace, to=asked["to"])
        return self._ask_by_wire(asked) if self.dice.random() < WIRED else self._ask_here(asked)

    def _ask_here(self, asked: dict[str, Any]) -> tuple[UUID, UUID]:
        pending: Pending = self.stage.desk.run("send_message", **asked)
        return pending.approval_id, pending.intent_ids[0]

    def _ask_by_wire(self, asked: dict[str, Any]) -> tuple[UUID, UUID]:
        key = f"soak-{self.dice.getrandbits(64):x}"
        headers = {"Authorization": f"Bearer {self.stage.desk.founded.key.secret}"}
        address = f"{self.stage.settings.base_url}/api/send_message"
        answer = self._insist(lambda: _answered(httpx2.post(address, json={**asked, "idempotencyKey": key}, headers=headers, verify=TLS, timeout=5)))
        said = answer.json()
        return UUID(hex=said["approvalId"].removeprefix("apr_")), UUID(hex=said["intentIds"][0].removeprefix("int_"))

    def _meet(self, approval: UUID, intent: UUID, fate: str) -> None:
        if fate == "withdrawn":
            self._try(intent, fate, "withdraw_send_request", approvalId=f"apr_{approval.hex}")
        elif fate == "cancelled":
            self._try(intent, fate, "cancel_scheduled_send", intentId=f"int_{intent.hex}")
        elif fate != "left":
            self._decide(approval, intent, "rejected" if fate == "rejected" else "approved")
            if fate.endswith("cancelled"):
                self._try(intent, "cancelled", "cancel_scheduled_send", intentId=f"int_{intent.hex}")

    def _decide(self, approval: UUID, intent: UUID, verdict: Verdict) -> None:
        digest = self._insist(lambda: self.stage.execute(DIGEST, approval=approval))[0][0].hex()
        shown = Pending.model_construct(approval_id=approval, digest=digest)
        try:
            self._insist(lambda: self.stage.desk.decide(shown, verdict))
        except SaysoError as refused:
            if refused.code != "already_decided":
                raise
        self.told.note(intent, verdict)

    def _try(self, intent: UUID, fate: str, operation: str, **arguments: str) -> None:
        """Believe it only when it was answered: an answer that was lost says nothing."""
        try:
            self.stage.desk.run(operation, **arguments)
        except SaysoError:
            self.told.counts[f"not {fate}"] += 1
        except UNREACHABLE:
            self.told.counts["unanswered"] += 1
        else:
            self.told.note(intent, fate)

    def _insist(self, deed: Any) -> Any:
        """Do it again until somebody answers."""
        ends = monotonic() + PATIENCE
        while True:
            try:
                return deed()
            except UNREACHABLE:
                self.told.counts["tried again"] += 1
                if monotonic() > ends:
                    raise
                pause(0.1)


def _answered(answer: httpx2.Response) -> httpx2.Response:
    """A 5xx is no answer."""
    if answer.status_code >= 500:
        raise httpx2.ReadError("no answer")
    assert answer.is_success, answer.text
    return answer
