"""Sandbox: serves every channel, keeps each message in a file of this machine, and calls back as a real provider would.

Magic recipients make it fail, like Twilio's test numbers (twilio.com/docs/iam/test-credentials):

| phone          | e-mail before the @ | what happens                                                                    |
|----------------|---------------------|---------------------------------------------------------------------------------|
| `+15005550001` | `refused`           | Refused                                                                         |
| `+15005550002` | `later`             | Later on the first attempt, taken on the next                                   |
| `+15005550003` | `unsure`            | Unsure: taken, but the answer is lost; the callbacks still come, and settle it   |
| `+15005550009` | `bounce`            | taken, then undelivered                                                         |
"""

from __future__ import annotations

from datetime import datetime

from kernel.settings import Medium, Settings
from outbox.dispatch import (
    Absent,
    Accepted,
    Booked,
    Dispatch,
    Event,
    Evidence,
    Found,
    Gone,
    Inbound,
    Later,
    ObjectEvent,
    Outcome,
    Refused,
    Sought,
    StatusEvent,
    Unsure,
)
from providers import sandbox_till, verdict
from providers.proof import Webhooks, expect, header, insist, insist_fresh, parsed, token, words_of
from providers.sandbox_callbacks import SIGNATURE_HEADER, STAMP_HEADER, Callbacks, Owed, is_signed
from providers.sandbox_files import NOTHING_LEFT, SandboxMessage, keep, path_of, read, ref_of
from providers.sandbox_till import Till
from providers.transport import Transport

__all__ = ["NOTHING_LEFT", "SERVES", "WEBHOOKS", "Sandbox", "SandboxMessage", "connect", "read", "receive"]

SERVES: tuple[Medium, ...] = ("email", "payments", "sms", "whatsapp")
MAGIC_PHONES = {"+15005550001": "refused", "+15005550002": "later", "+15005550003": "unsure", "+15005550009": "bounce"}


class Sandbox:
    """Serves the lanes `<channel>:sandbox`; nothing leaves the machine."""

    name = "sandbox"

    def __init__(self, settings: Settings, transport: Transport) -> None:
        """The transport is for callbacks, to our own address only."""
        self._data_dir = settings.data_dir
        self._callbacks = Callbacks(transport, settings.secret)
        self._till = Till(settings, transport)

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Keep the message; the same attempt twice is one message."""
        if dispatch.channel == "payments":
            return self._till.perform(dispatch)
        wish = MAGIC_PHONES.get(dispatch.recipient) or dispatch.recipient.partition("@")[0]
        if wish == "refused":
            return Refused("The sandbox refuses this recipient, as its magic address asks.", "sandbox-refused")
        if wish == "later" and dispatch.attempt == 1:
            return Later("The sandbox asks for patience once, as this magic address asks.", after=1.0)
        try:
            is_new = keep(self._data_dir, dispatch)
        except OSError as fault:
            return self._unkept(dispatch, fault)
        if is_new:
            self._callbacks.owe(_owed(dispatch, wish))
        if wish == "unsure":
            return Unsure("The sandbox took it and lost the answer, as this magic address asks.")
        return Accepted(ref_of(dispatch), "sent")

    def look_up(self, sought: Sought) -> Evidence:
        """Look for the file of this very attempt."""
        if sought.dispatch.channel == "payments":
            return self._till.look_up(sought)
        kept = path_of(self._data_dir, sought.dispatch).exists()
        return Found(ref_of(sought.dispatch), "sent") if kept else Absent()

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone:
        """What an object is now; only the till has any."""
        return self._till.ask_about(event)

    def books(self, since: datetime, until: datetime) -> list[Booked]:
        """What its till took and gave back."""
        return self._till.books(since, until)

    def probe(self) -> str | None:
        """The sandbox always lets us in."""
        return None

    def _unkept(self, dispatch: Dispatch, fault: OSError) -> Later | Unsure:
        reason = f"The sandbox could not keep the message (error {fault.errno})."
        return Unsure(reason) if path_of(self._data_dir, dispatch).exists() else Later(reason)

    def close(self) -> None:
        """Stop the callbacks."""
        self._callbacks.close()


def connect(settings: Settings) -> Sandbox:
    """The sandbox of this data directory."""
    return Sandbox(settings, Transport.within(settings.base_url, settings.call_seconds))


def _owed(dispatch: Dispatch, wish: str) -> list[Owed]:
    sent = Owed(dispatch.callback_url, ref_of(dispatch), dispatch.reference, "sent")
    if wish == "bounce":
        return [sent, sent._replace(status="undelivered", reason="The sandbox bounced it, as its magic address asks.")]
    return [sent, sent._replace(status="delivered")]


def receive(inbound: Inbound, settings: Settings) -> list[Event]:
    """A callback of our own sandbox."""
    stamp, signed = header(inbound, STAMP_HEADER.lower()), header(inbound, SIGNATURE_HEADER.lower())
    insist(is_signed(settings.secrets, stamp, inbound.body, signed), "the signature does not fit")
    insist_fresh(stamp)
    said = parsed(words_of(inbound.body))
    expect(isinstance(said, dict) and said.get("status") in ("sent", "delivered", "undelivered"), "it is not a status")
    ref, reference = token(said.get("ref")), token(said.get("reference"))
    expect(ref and reference, "it names no message")
    return [StatusEvent(f"{ref}:{said['status']}", said["status"], reference, ref, verdict.plain(said.get("reason")))]


WEBHOOKS: Webhooks = {"sandbox": receive, sandbox_till.PATH: sandbox_till.receive}
