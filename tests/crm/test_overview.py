"""The day and the channels are told as they stand, of one's own business alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from crm.access.setup import found
from kernel import clock
from kernel.db import Database
from tests.factories import PHONE, Bench, Desk

MAY = datetime(2026, 5, 18, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_may(owner_db: Database, desk: Desk) -> Iterator[None]:
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET zone = 'UTC', country = 'GB'"))
    clock.skew(MAY - clock.now())
    yield
    clock.skew(timedelta(0))


def test_dashboard_counts_what_is_there(desk: Desk, bench: Bench) -> None:
    clock.skew(timedelta(0))
    desk.run("create_account", name="Mia", phone=PHONE)
    desk.run("create_account", name="Ben")
    approved = desk.approved("Your table is ready.")
    bench.drain()
    desk.ask("Another.")
    told: Any = desk.run("get_dashboard_stats")
    assert (told.customers, told.waiting_approvals) == (2, 1)
    assert desk.send(approved).state == "sent"
    assert (told.sends.sent, told.sends.in_doubt, told.sends.failed) == (1, 0, 0)
    assert "list_pending_approvals" in told.next_step


def service_id(shown: Any) -> str:
    return f"svc_{shown.service_id.hex}"


def test_dashboard_counts_the_bookings_of_the_local_day(desk: Desk) -> None:
    service: Any = desk.run("create_service", name="Haircut", durationMinutes=60, price="49.00")
    for start in ("2026-05-18T10:00:00Z", "2026-05-19T10:00:00Z"):
        desk.run("create_booking", serviceId=service_id(service), start=start, customer={"name": "Mia", "email": "mia@example.com"})
    told: Any = desk.run("get_dashboard_stats")
    assert (told.day, told.bookings.total, told.bookings.pending) == ("2026-05-18", 1, 1)
    assert told.next_booking_at == datetime(2026, 5, 18, 10, tzinfo=UTC)


def test_another_business_is_not_counted(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = Desk(desk.database, desk.settings, found(session, "Studio Eve", "eve@example.com"))
    desk.run("create_account", name="Mia")
    told: Any = other.run("get_dashboard_stats")
    assert (told.customers, told.bookings.total, told.next_step) == (0, 0, "Nothing waits.")


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ("SELECT 1", "sandbox", None),
        ("UPDATE lane SET paused_at = now(), pause_reason = 'Wrong list' WHERE id = 'sms:sandbox'", "paused", "Wrong list"),
        ("UPDATE lane SET breaker_until = now() + interval '1 hour', breaker_reason = 'Refused' WHERE id = 'sms:sandbox'", "resting", "Refused"),
    ],
)
def test_health_of_a_channel_says_why(desk: Desk, owner_db: Database, change: str, status: str, reason: str | None) -> None:
    desk.ask()
    with owner_db.transaction() as session:
        session.execute(text(change))
    (sms,) = desk.run("get_channel_health", channel="sms").model_dump()["items"]
    assert (sms["status"], sms["reason"]) == (status, reason)


def test_whatsapp_is_connected_when_a_provider_serves_it(desk: Desk) -> None:
    given = {"whatsapp": "twilio", "twilio_account_sid": "AC1", "twilio_whatsapp_from": "+14155238886"}
    connected = Desk(desk.database, desk.settings.model_copy(update=given), desk.founded)
    told: Any = connected.run("get_whatsapp_connection_status")
    assert (told.status, told.health, told.sender) == ("connected", "open", "+14155238886")
    before: Any = desk.run("get_whatsapp_connection_status")
    assert (before.status, "create_whatsapp_connect_link" in before.next_step) == ("sandbox", True)
    link: Any = desk.run("create_whatsapp_connect_link", onboardingMode="coexistence")
    assert link.url == f"{desk.settings.base_url}/portal/settings/channels"
