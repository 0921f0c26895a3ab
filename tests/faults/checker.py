"""The checker: reconciles the ledger (what providers took) with the database and the audit, and says every promise that was broken.

The ledger is the stub provider's journal, fsynced before it answers; the database is read as its owner; neither is asked through
the code under test, except to prove the signed reference of each request.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from kernel.keys import digest_of
from outbox.snapshot import thaw
from tests.fixtures.stage import QUIET, Stage
from tests.fixtures.stub_shapes import Entry

TAKEN = frozenset({"sent", "delivered", "undelivered"})
"""States that claim that a provider took it."""
POSSIBLE = TAKEN | {"in_doubt"}
"""States in which a provider may have taken it."""
MOST_LETTERS = 3
"""How often a letter to one of the workspace's own people may be taken, whose answers were lost."""
ROWS = """
SELECT i.id::text AS intent, i.digest, i.on_unknown, d.state, d.attempt, d.due_at > now() AS is_future, c.snapshot, c.sealed, g.source, g.digest AS granted,
       a.id::text AS approval, a.state AS decision, a.digest AS decided
FROM intent i JOIN every_delivery d ON d.intent_id = i.id JOIN content c ON c.intent_id = i.id
LEFT JOIN grants g ON g.intent_id = i.id LEFT JOIN approval_item t ON t.intent_id = i.id LEFT JOIN approval a ON a.id = t.approval_id
"""
AUDITED = "SELECT subject, action, detail->>'digest' FROM audit WHERE action IN ('approval.approved', 'approval.rejected')"
OBSERVED = "SELECT intent_id::text, number, outcome FROM attempt WHERE source = 'call'"


@dataclass
class Reckoning:
    """What the reconciliation found."""

    intents: int = 0
    accepted: int = 0
    duplicates: int = 0
    lost: int = 0
    in_doubt: int = 0
    broken: list[str] = field(default_factory=list)

    def insist(self, *, doubts: int) -> None:
        """Fail unless every promise held and no more is in doubt than could be."""
        assert not self.broken, "\n".join(self.broken[:20])
        assert self.in_doubt <= doubts, f"{self.in_doubt} in doubt, at most {doubts} could be"


@dataclass(frozen=True)
class Row:
    """An intent with its content, its permission and where it stands."""

    intent: str
    digest: bytes
    on_unknown: str
    state: str
    attempt: int
    is_future: bool
    snapshot: bytes
    sealed: bool
    source: str | None
    granted: bytes | None
    approval: str | None
    decision: str | None
    decided: bytes | None


def reconcile(stage: Stage) -> Reckoning:
    """Compare ledger, database and audit; call it when all is at rest."""
    rows = {row.intent: row for row in (Row(*found) for found in stage.execute(ROWS))}
    heard = [(stage.intent_of(entry), entry) for entry in stage.stub.entries()]
    taken = Counter(intent for intent, entry in heard if intent and entry.accepted)
    found = Reckoning(len(rows), sum(taken.values()), sum(many - 1 for many in taken.values() if many > 1))
    found.in_doubt = sum(row.state == "in_doubt" for row in rows.values())
    lost = [row for row in rows.values() if row.granted and row.state not in QUIET and not row.is_future]
    found.lost = len(lost)
    found.broken += [f"{intent}: taken {many} times" for intent, many in taken.items() if many > _most(rows.get(intent))]
    found.broken += [f"{row.intent}: approved, yet it is {row.state}" for row in lost]
    found.broken += [said for intent, entry in heard for said in _of_request(rows.get(intent or ""), entry)]
    found.broken += [said for row in rows.values() for said in _of_row(row, taken[row.intent])]
    found.broken += _of_audit(rows, stage.execute(AUDITED)) + _of_record(rows, stage.execute(OBSERVED))
    return found


def _most(row: Row | None) -> int:
    return MOST_LETTERS if row and row.on_unknown == "resend" else 1


def _of_request(row: Row | None, entry: Entry) -> list[str]:
    """What is wrong with one request that a provider heard."""
    if row is None:
        return [f"a request that no intent of ours explains: {entry.path}"]
    if row.granted is None:
        return [f"{row.intent}: dialled without permission ({row.state})"]
    if row.sealed:
        return []
    frozen: Any = thaw(row.snapshot).content
    whole = digest_of(row.snapshot) == row.digest == row.granted
    same = (frozen.body, frozen.recipient) == (entry.text, (entry.recipient or "").removeprefix("whatsapp:"))
    return [] if whole and same else [f"{row.intent}: what was dialled is not what was approved"]


def _of_row(row: Row, taken: int) -> list[str]:
    """What is wrong with where an intent stands, given how often it was taken."""
    said = []
    if row.state in TAKEN and not taken:
        said.append(f"{row.intent}: is {row.state}, yet no provider took it")
    if taken and row.state not in POSSIBLE:
        said.append(f"{row.intent}: a provider took it, yet it is {row.state}")
    if row.source == "approval" and (row.decision != "approved" or row.decided is None):
        said.append(f"{row.intent}: granted, yet its approval is {row.decision}")
    return said


def _of_audit(rows: dict[str, Row], audited: list[Any]) -> list[str]:
    """Every decision is in the audit once, with the digest that was decided."""
    written = Counter((subject, action, digest) for subject, action, digest in audited)
    decided = {(row.approval, f"approval.{row.decision}", (row.decided or b"").hex()) for row in rows.values() if row.decision in ("approved", "rejected")}
    said = [f"approval {subject}: {action} is in the audit {written[subject, action, digest]} times" for subject, action, digest in decided]
    faults = [words for words in said if not words.endswith(" 1 times")]
    return faults + [f"approval {subject}: the audit says {action}, the database does not" for subject, action, digest in written.keys() - decided]


def _of_record(rows: dict[str, Row], observed: list[Any]) -> list[str]:
    """No call is recorded that was never started, and none twice."""
    often = Counter((intent, number) for intent, number, _ in observed)
    said = [f"{intent}: call {number} is recorded {many} times" for (intent, number), many in often.items() if many > 1]
    return said + [f"{intent}: call {number} is recorded, yet only {rows[intent].attempt} began" for intent, number in often if number > rows[intent].attempt]
