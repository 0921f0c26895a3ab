"""How the suite makes Twilio meet each case: by the stub."""

from __future__ import annotations

from pathlib import Path

from providers.transport import Transport
from providers.twilio import Twilio
from tests.contracts.cases import CASES, CONNECT_S, SECRET, StubRig
from tests.fixtures.settings import settings_for

MEETS = tuple(CASES)
ACCOUNT = f"AC{'0' * 32}"


def rig(place: Path) -> StubRig:
    """Twilio on the stub."""

    def make(api: str, read: float) -> Twilio:
        settings = settings_for(place, twilio_account_sid=ACCOUNT, twilio_auth_token=SECRET, twilio_api_base=api)
        return Twilio(settings, Transport(api, connect=CONNECT_S, read=read))

    return StubRig(place, "sms", make)
