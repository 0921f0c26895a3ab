"""Providers of the bench: one that does nothing, and one that posts Twilio's form over our transport without Twilio's SDK."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from urllib3 import make_headers

from bench.ground import ACCOUNT
from kernel.settings import Settings
from outbox.dispatch import Accepted, Dispatch, Outcome, Provider, Unsure
from providers import twilio
from providers.transport import Transport, TransportError

HEADERS = {"Content-Type": "application/x-www-form-urlencoded", **make_headers(basic_auth=f"{ACCOUNT}:token")}


class Nothing:
    """Accepts at once."""

    name = "null"

    def perform(self, dispatch: Dispatch) -> Outcome:  # noqa: ARG002 - the contract of every provider
        """Nothing."""
        return Accepted("null")

    def close(self) -> None:
        """Nothing."""


class Bare:
    """Posts the form of Twilio's Messages API, and reads the sid."""

    def __init__(self, stub: str, name: str, place: str = "") -> None:
        """`stub`: its address; `place`: where on it, as `/slow`."""
        self.name = name
        self._address = f"{stub}{place}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        self._transport = Transport(stub)

    def perform(self, dispatch: Dispatch) -> Outcome:
        """One POST."""
        words = {"To": dispatch.recipient, "From": dispatch.sender, "Body": dispatch.content.frozen()["body"], "StatusCallback": dispatch.callback_url}
        try:
            answer = self._transport.post(self._address, urlencode(words).encode(), HEADERS)
        except TransportError as fault:
            return Unsure(fault.reason)
        return Accepted(json.loads(answer.text)["sid"])

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


LANES = {"null": "sms:null", "http": "sms:http", "sdk": "sms:twilio", "slow": "sms:slow"}


def carriers(settings: Settings) -> dict[str, Provider]:
    """All of them by name; `twilio` is the product's own provider."""
    stub = settings.twilio_api_base
    return {"null": Nothing(), "http": Bare(stub, "http"), "slow": Bare(stub, "slow", "/slow"), "twilio": twilio.connect(settings)}
