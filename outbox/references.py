"""The reference that travels with every call and comes back with its events: `intent.attempt`, signed, so that nobody can invent one."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kernel.seal import sign, verify

PURPOSE = "attempt-reference"
LONGEST = 90 * 24 * 3600
"""Seconds for which a provider's late word about a message is still believed."""
AHEAD = 24 * 3600
"""Seconds by which the clock of the worker that called may have been ahead: its message was taken all the same."""


def reference_to(secrets: Sequence[bytes], intent: UUID, attempt: int) -> str:
    """The signed reference of one attempt."""
    return sign(secrets, PURPOSE, f"{intent.hex}.{attempt}")


def attempt_of(secrets: Sequence[bytes], reference: str | None) -> tuple[UUID, int] | None:
    """The (intent, attempt) that a reference proves, or None."""
    value = verify(secrets, PURPOSE, reference, LONGEST, AHEAD) if reference else None
    if value is None:
        return None
    intent, _, attempt = value.partition(".")
    return UUID(hex=intent), int(attempt)
