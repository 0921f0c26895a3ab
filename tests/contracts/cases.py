"""What the conformance suite asks of every provider, and what each case must come to; a rig makes a provider meet a case.

A provider brings its rig by a file of its name in `tests/contracts/rigs/`: `rig(place)`, and `MEETS`, the cases it can be made to
meet. One that speaks HTTP takes `StubRig`, and meets all.
"""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any

from typing_extensions import override

from kernel import clock
from kernel.settings import Medium
from outbox.dispatch import Accepted, Dispatch, Later, Outcome, Provider, Refused, Unsure
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.stub_provider import StubProvider

Case = str
CONNECT_S = 5.0
PATIENT_S = 20.0
"""Longer than a busy machine needs: no case but the silent ones may come to a time-out."""
HURRIED_S = 0.15
SECRET = "SG.0123456789abcdef.0123456789abcdef"
REFUSED_ADDRESS = "http://127.0.0.1:1"
RECIPIENTS: dict[Medium, str] = {
    "payments": "inv_01990000000070008000000000000000",
    "sms": "+447400123456",
    "whatsapp": "+447400123456",
    "email": "ada@salon.example",
}

CASES: dict[Case, type[Outcome]] = {
    "accept": Accepted,
    "400": Refused,
    "later": Later,
    **dict.fromkeys(("429", "401", "403", "redirect"), Later),
    **dict.fromkeys(("hang", "accept_then_hang", "reset", "accept_then_reset", "drip", "truncate"), Unsure),
    **dict.fromkeys(("500", "accept_then_500", "503", "408", "see_other", "html", "empty"), Unsure),
    "refused connection": Later,
}
SILENT = ("hang", "accept_then_hang", "drip")
CROWDED = ("429", "later")
LANE_FAULTS = ("401", "403", "redirect")


def waits() -> dict[str, tuple[Mapping[str, str], float | None]]:
    """Each form of `Retry-After` and the seconds it asks for."""
    now = clock.now().timestamp()
    return {
        "seconds": ({"Retry-After": "7"}, 7),
        "an HTTP date": ({"Retry-After": formatdate(now + 30, usegmt=True)}, 30),
        "a date without a zone": ({"Retry-After": formatdate(now + 30).removesuffix(" -0000")}, 30),
        "far too long": ({"Retry-After": "999999999"}, 3600),
        "a year ahead": ({"Retry-After": formatdate(now + 31_536_000, usegmt=True)}, 3600),
        "the past": ({"Retry-After": formatdate(now - 30, usegmt=True)}, None),
        "zero": ({"Retry-After": "0"}, None),
        "below zero": ({"Retry-After": "-5"}, None),
        "junk": ({"Retry-After": "soon, \u00fcber-soon"}, None),
        "a number without end": ({"Retry-After": "9" * 5000}, None),
        "absent": ({}, None),
        "a reset time": ({"X-RateLimit-Reset": str(int(now) + 20)}, 20),
    }


class Rig(ABC):
    """A provider and the means to make it meet a case."""

    provider: Provider
    dedupes = False
    names_by_intent = False
    """Whether what was taken is called by a name of ours, the same for each attempt."""

    @abstractmethod
    def arrange(self, case: Case) -> Dispatch:
        """Make the next call meet the case."""

    @abstractmethod
    def arrived(self) -> list[str]:
        """The reference of each request that arrived there, in order."""

    def close(self) -> None:
        """Put everything away."""
        self.provider.close()


class StubRig(Rig):
    """For a provider over HTTP: the stub fails as the case says."""

    def __init__(self, place: Path, channel: Medium, make: Callable[[str, float], Provider]) -> None:
        """`make` builds the provider on an API base, with a time to read; the stub runs from here on."""
        self.stub = StubProvider(place / "journal.jsonl")
        self.stub.start()
        self.api = self.stub.url
        self.provider = self._patient = make(self.api, PATIENT_S)
        self._hurried = make(self.api, HURRIED_S)
        self._channel = channel
        self._stopped = False

    @override
    def arrange(self, case: Case) -> Dispatch:
        """Script the stub; for a refused connection, take it away."""
        self.provider = self._hurried if case in SILENT else self._patient
        if case == "refused connection":
            self._stop()
        else:
            self.stub.tell("429" if case == "later" else case)
        return self.dispatch()

    def tell(self, told: Mapping[str, Any]) -> Dispatch:
        """Script the stub more exactly."""
        self.stub.tell(told)
        return self.dispatch()

    def dispatch(self) -> Dispatch:
        """A message on the rig's channel."""
        return dispatch_to(self._channel, RECIPIENTS[self._channel])

    @override
    def arrived(self) -> list[str]:
        """The references in the stub's journal."""
        return [entry.reference or "" for entry in self.stub.entries()]

    @override
    def close(self) -> None:
        """The providers, then the stub."""
        self._patient.close()
        self._hurried.close()
        self._stop()

    def _stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self.stub.stop()


def is_listening(address: tuple[str, int]) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0
