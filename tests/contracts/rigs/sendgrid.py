"""How the suite makes SendGrid meet each case: by the stub."""

from __future__ import annotations

from pathlib import Path

from providers.sendgrid import SendGrid
from providers.transport import Transport
from tests.contracts.cases import CASES, CONNECT_S, SECRET, StubRig
from tests.fixtures.settings import settings_for

MEETS = tuple(CASES)


def rig(place: Path) -> StubRig:
    """SendGrid on the stub."""

    def make(api: str, read: float) -> SendGrid:
        settings = settings_for(place, sendgrid_api_key=SECRET, sendgrid_api_base=api)
        return SendGrid(settings, Transport(api, connect=CONNECT_S, read=read))

    return StubRig(place, "email", make)
