"""How the suite makes Stripe meet each case: by the stub."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from outbox.dispatch import Dispatch
from providers.stripe_calls import Stripe
from providers.transport import Transport
from tests.contracts.cases import CASES, CONNECT_S, SECRET, StubRig
from tests.fixtures.settings import settings_for

MEETS = tuple(CASES)


class StripeRig(StubRig):
    """Stripe is told the intent, which every attempt has in common, and not the reference."""

    dedupes = True

    @override
    def dispatch(self) -> Dispatch:
        """Remember whose intent it is."""
        made = super().dispatch()
        self.asked = {**getattr(self, "asked", {}), made.intent.hex: made.reference}
        return made

    @override
    def arrived(self) -> list[str]:
        """The references of what it was asked for."""
        return [self.asked[entry.reference or ""] for entry in self.stub.entries()]


def rig(place: Path) -> StubRig:
    """Stripe on the stub."""

    def make(api: str, read: float) -> Stripe:
        settings = settings_for(place, stripe_api_key=SECRET, stripe_api_base=api)
        return Stripe(settings, Transport(api, connect=CONNECT_S, read=read))

    return StripeRig(place, "payments", make)
