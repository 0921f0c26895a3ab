"""How the suite makes the memory meet each case: it is told."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from outbox.dispatch import Dispatch, Later, Refused, Unsure
from providers.memory import Memory, Scripted
from tests.contracts.cases import Case, Rig
from tests.fixtures.dispatches import dispatch_to

MEETS: dict[Case, Scripted | None] = {
    "accept": None,
    "400": Refused("It was told to."),
    "later": Later("It was told to."),
    "accept_then_reset": Unsure("It was told to."),
}


class MemoryRig(Rig):
    """A memory of its own."""

    def __init__(self) -> None:
        self.provider: Memory = Memory()

    @override
    def arrange(self, case: Case) -> Dispatch:
        """Tell it the outcome."""
        told = MEETS[case]
        if told is not None:
            self.provider.tell(told)
        return dispatch_to("sms", "+447400123456")

    @override
    def arrived(self) -> list[str]:
        """The references in its ledger."""
        return [dispatch.reference for dispatch in self.provider.ledger]


def rig(_place: Path) -> Rig:
    """The memory."""
    return MemoryRig()
