"""How the suite makes the sandbox meet each case: by its magic recipients."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from outbox.dispatch import Dispatch
from providers.sandbox import Sandbox, read
from providers.transport import Transport
from tests.contracts.cases import REFUSED_ADDRESS, Case, Rig
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.settings import settings_for

MEETS: dict[Case, str] = {"accept": "+447400123456", "400": "+15005550001", "later": "+15005550002", "accept_then_reset": "+15005550003"}


class SandboxRig(Rig):
    """The sandbox on a directory of its own."""

    dedupes = True

    def __init__(self, place: Path) -> None:
        self.provider = Sandbox(settings_for(place, base_url=REFUSED_ADDRESS), Transport(REFUSED_ADDRESS))
        self._place = place

    @override
    def arrange(self, case: Case) -> Dispatch:
        """A dispatch to the recipient that asks for the case."""
        return dispatch_to("sms", MEETS[case])

    @override
    def arrived(self) -> list[str]:
        """The references in its files."""
        return [message.reference for message in read(self._place)]


def rig(place: Path) -> Rig:
    """The sandbox."""
    return SandboxRig(place)
