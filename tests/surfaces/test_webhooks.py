"""Webhooks: stored before they are answered; a forged one leaves nothing; a stranger can cause no 5xx."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from kernel.settings import Settings
from outbox import inbox
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook, ObjectEvent
from surfaces import webhooks
from tests.surfaces import toys
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio
SEEN: list[Inbound] = []


def receive(inbound: Inbound, _settings: Settings) -> list[Event]:
    """Believe whoever says `good`."""
    SEEN.append(inbound)
    if inbound.headers.get("x-signature") != "good":
        raise ForgedWebhook
    if inbound.body == b"odd":
        raise MalformedWebhook
    if inbound.body == b"bug":
        raise KeyError(inbound.body)
    return [ObjectEvent(f"evt_{n}", "paid", {}) for n in range(2)]


@pytest.fixture(autouse=True)
def sender(monkeypatch: pytest.MonkeyPatch) -> None:
    SEEN.clear()
    module = ModuleType("providers.toybank")
    vars(module)["WEBHOOKS"] = {"toybank/events": receive}

    def store(session: Any, provider: str, event: Event) -> bool:
        session.events.append((provider, event.key))
        return True

    monkeypatch.setattr(webhooks, "modules", lambda _package: [module, ModuleType("providers.silent")])
    monkeypatch.setattr(inbox, "store", store)


async def post(talk: Talk, body: bytes = b"x", path: str = "/webhooks/toybank/events", **headers: str) -> Any:
    async with talk(None) as http:
        return await http.post(path, content=body, headers={"X-Signature": "good", **headers})


async def test_events_are_stored_in_one_transaction_before_the_answer(talk: Talk, ledger: toys.Ledger) -> None:
    assert (await post(talk)).status_code == 204
    assert ledger.events == [("toybank", "evt_0"), ("toybank", "evt_1")]
    assert len(ledger.opened) == 1


async def test_receiver_gets_the_public_address_and_raw_bytes(talk: Talk) -> None:
    await post(talk, b"\xff\x00", "/webhooks/toybank/events?a=%20b&c=")
    assert SEEN[0].url == "https://sayso.example/webhooks/toybank/events?a=%20b&c="
    assert (SEEN[0].body, SEEN[0].query) == (b"\xff\x00", {"a": " b", "c": ""})


@pytest.mark.parametrize(
    ("body", "signature", "code"), [(b"x", "bad", "webhook_refused"), (b"odd", "good", "webhook_unreadable"), (b"bug", "good", "webhook_unreadable")]
)
async def test_refused_webhook_leaves_nothing(talk: Talk, ledger: toys.Ledger, body: bytes, signature: str, code: str) -> None:
    answer = await post(talk, body, **{"X-Signature": signature})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert ledger.opened == []


async def test_sender_repeats_when_the_database_is_down(talk: Talk, ledger: toys.Ledger) -> None:
    ledger.broken = True
    assert (await post(talk)).status_code == 503


async def test_unknown_sender_is_not_found(talk: Talk) -> None:
    assert (await post(talk, path="/webhooks/nobody")).status_code == 404


async def test_large_webhook_is_refused_unread(talk: Talk) -> None:
    assert (await post(talk, b"x" * 300_000)).status_code == 413
    assert SEEN == []


async def test_opening_a_webhook_address_does_nothing(talk: Talk) -> None:
    async with talk(None) as http:
        assert (await http.get("/webhooks/toybank/events")).status_code == 405
