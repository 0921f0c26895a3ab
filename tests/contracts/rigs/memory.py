"""How the suite makes the memory meet each case: it is told."""

from __future__ import annotations

from pathlib import Path

from outbox.dispatch import Dispatch, Later, Refused, Unsure
from providers.memory import Memory, Scripted
from tests.contracts.cases import Case, Rig
from tests.fixtures.dispatches import dispatch_to

TOLD: dict[Case, Scripted | None] = {
    "accept": None,
    "400": Refused("It was told to."),
    "later": Later("It was told to."),
    "accept_then_reset": Unsure("It was told to."),
}


class MemoryRig(Rig):
    """A memory of its own."""

    def __init__(self) -> None:
        self.provider: Memory = Memory()

    def arrange(self, case: Case) -> Dispatch | None:
        """Tell it the outcome."""
        if case not in TOLD:
            return None
        told = TOLD[case]
        if told is not None:
            self.provider.tell(told)
        return dispatch_to("sms", "+447400123456")

    def arrived(self) -> list[str]:
        """The references in its ledger."""
        return [dispatch.reference for dispatch in self.provider.ledger]


def rig(_place: Path) -> Rig:
    """The memory."""
    return MemoryRig()
