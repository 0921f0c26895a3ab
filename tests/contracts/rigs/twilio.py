"""How the suite makes Twilio meet each case: by the stub."""

from __future__ import annotations

from pathlib import Path

from providers.transport import Transport
from providers.twilio import Twilio
from tests.contracts.cases import CASES, CONNECT_S, READ_S, SECRET, StubRig
from tests.fixtures.settings import settings_for

MEETS = tuple(CASES)


def rig(place: Path) -> StubRig:
    """Twilio on the stub, impatient."""
    made = StubRig(place, "sms")
    settings = settings_for(place, twilio_account_sid="AC" + "0" * 32, twilio_auth_token=SECRET, twilio_api_base=made.api)
    made.provider = Twilio(settings, Transport(made.api, connect=CONNECT_S, read=READ_S))
    return made
