"""Idempotency keys: the first answer is stored in the transaction of its effect, and repeated for the same request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel.errors import IdempotencyConflict
from kernel.keys import digest_of
from outbox.tables import Idempotency


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request under a key of its caller's choosing; the digest covers caller, operation and request: nobody is told another's answer."""

    caller: UUID | None
    key: str
    operation: str
    request: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical request (RFC 8785)."""
        return digest_of(rfc8785.dumps({"caller": str(self.caller), "operation": self.operation, "request": self.request}))


def once(session: Session, workspace: UUID, asked: Keyed, run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Run at most once per (workspace, key); answers (answer, replayed).

    A concurrent call with the same key waits for the first one's commit. A call that was refused, and yet kept what it wrote,
    left no answer: it runs anew. Raises IdempotencyConflict when the key was used for another request.
    """
    row = {"workspace_id": workspace, "key": asked.key, "operation": asked.operation, "request_digest": asked.digest}
    taken = session.execute(insert(Idempotency).values(row).on_conflict_do_nothing().returning(Idempotency.key)).scalar()
    if taken is None and (kept := _recall(session, workspace, asked)) is not None:
        return kept, True
    answer = run()
    mine = (Idempotency.workspace_id == workspace, Idempotency.key == asked.key)
    session.execute(update(Idempotency).where(*mine).values(answer=answer))
    return answer, False


def _recall(session: Session, workspace: UUID, asked: Keyed) -> dict[str, Any] | None:
    mine = (Idempotency.workspace_id == workspace, Idempotency.key == asked.key)
    kept = session.execute(select(Idempotency).where(*mine).with_for_update()).scalar_one()
    if kept.request_digest != asked.digest:
        raise IdempotencyConflict
    return kept.answer
