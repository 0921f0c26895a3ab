"""A run: what one decision sent to many, as a page shows it; how far it is, whether it rests, and what a person may still do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from approvals.manifests import UNDO, Bulk

Hand = Literal["stop", "pause", "resume"]
WAITING = ("ready", "blocked")
GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("waiting", "waiting", ("held", "ready", "blocked")),
    ("now", "being handed over", ("calling",)),
    ("sent", "sent", ("sent",)),
    ("delivered", "delivered", ("delivered",)),
    ("unclear", "unclear", ("in_doubt",)),
    ("failed", "not sent or not delivered", ("failed", "undelivered")),
    ("opted-out", "opted out meanwhile", ("suppressed",)),
    ("cancelled", "cancelled", ("cancelled", "rejected", "expired")),
)
"""What became of them: the group's name in an address, its words, and the states it holds."""
STATES = {name: states for name, _, states in GROUPS}


@dataclass(frozen=True, slots=True)
class Run:
    """One of them at one moment."""

    bulk: Bulk
    is_paused: bool
    decided_at: datetime
    now: datetime

    @property
    def waiting(self) -> int:
        """How many have not been handed over."""
        return sum(self.bulk.states.get(state, 0) for state in WAITING)

    @property
    def done(self) -> int:
        """How many wait no more."""
        return self.bulk.count - self.waiting

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        """Each group that is not empty: its name, its words, and how many."""
        found = [(name, said, sum(self.bulk.states.get(state, 0) for state in states)) for name, said, states in GROUPS]
        return [one for one in found if one[2]]

    @property
    def may_undo(self) -> bool:
        """Whether nothing of it has left yet and nothing will for a moment."""
        return self.waiting == self.bulk.count and self.now < self.decided_at + UNDO

    @property
    def hands(self) -> list[Hand]:
        """What a person may do about it."""
        if not self.waiting:
            return []
        return ["stop", "resume" if self.is_paused else "pause"]

    @property
    def says(self) -> tuple[str, str]:
        """Its tone, and a sentence."""
        count, cancelled = self.bulk.count, self.bulk.states.get("cancelled", 0)
        if cancelled == count:
            return "off", "Undone. Nothing was sent."
        if self.is_paused and self.waiting:
            return "doubt", f"Paused: {self.done} of {count} have left."
        if self.may_undo:
            return "wait", "Approved. It starts in 10 seconds; until then you can undo it."
        if self.waiting:
            return "wait", f"On its way: {self.done} of {count} have left."
        return ("off", f"Stopped: {count - cancelled} of {count} had left.") if cancelled else ("good", f"All {count} have left.")
