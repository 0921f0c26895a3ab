"""How the suite makes SendGrid meet each case: by the stub."""

from __future__ import annotations

from pathlib import Path

from providers.sendgrid import SendGrid
from providers.transport import Transport
from tests.contracts.cases import CASES, CONNECT_S, READ_S, SECRET, StubRig
from tests.fixtures.settings import settings_for

MEETS = tuple(CASES)


def rig(place: Path) -> StubRig:
    """SendGrid on the stub, impatient."""
    made = StubRig(place, "email")
    settings = settings_for(place, sendgrid_api_key=SECRET, sendgrid_api_base=made.api)
    made.provider = SendGrid(settings, Transport(made.api, connect=CONNECT_S, read=READ_S))
    return made
