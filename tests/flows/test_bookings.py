"""The story of a booking as an agent tells it, word for word over MCP and REST; and another workspace's key finds nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from crm.access.setup import found
from kernel import clock
from kernel.db import Database
from kernel.errors import NotFound
from kernel.operation import REGISTRY
from tests.factories import Desk
from tests.portal.guest import app_of

Say = Callable[..., dict[str, Any]]
OURS = ("booking", "booking_send", "occupancy", "resource", "schedule", "service", "service_resource", "staff", "staff_service")


@pytest.fixture(autouse=True)
def _in_may(owner_db: Database, desk: Desk) -> Iterator[None]:
    """A workspace in UTC, on Monday 18 May 2026, 08:00."""
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET zone = 'UTC', country = 'GB'"))
    clock.skew(datetime(2026, 5, 18, 8, tzinfo=UTC) - clock.now())
    yield
    clock.skew(timedelta(0))


@pytest.fixture(params=["mcp", "rest"])
def say(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Say]:
    """Call a tool as an agent does, over either wire."""
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False) as web:
        web.headers["Authorization"] = f"Bearer {desk.founded.key.secret}"

        def over_mcp(tool: str, **arguments: Any) -> dict[str, Any]:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
            result = web.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream"}).json()["result"]
            said: dict[str, Any] = json.loads(result["content"][0]["text"])
            assert result.get("structuredContent", said) == said
            return said

        def over_rest(tool: str, **arguments: Any) -> dict[str, Any]:
            return dict(web.post(f"/api/{tool}", json=arguments).json())

        yield over_mcp if request.param == "mcp" else over_rest


def test_the_story_of_a_booking(say: Say) -> None:
    service = say("create_service", name="Haircut", durationMinutes=60, price="49.00")
    assert (service["price"], service["currency"], service["capacity"]) == ("49.00", "GBP", 1)
    assert [one["serviceId"] for one in say("list_services")["items"]] == [service["serviceId"]]
    assert "past" in say("get_available_slots", serviceId=service["serviceId"], date="2026-05-17")["nextStep"]
    slots = say("get_available_slots", serviceId=service["serviceId"], date="2026-05-20")
    assert (slots["timezone"], len(slots["items"]), slots["items"][2]["start"]) == ("UTC", 17, "2026-05-20T10:00:00Z")
    customer = {"name": "Mia Park", "email": "mia@example.com", "phone": "+447400123456"}
    asked = {"serviceId": service["serviceId"], "start": slots["items"][2]["start"], "customer": customer, "idempotencyKey": "mia-20-may"}
    booking = say("create_booking", **asked)
    assert booking["status"] == "pending"
    again = say("create_booking", **asked)
    assert (again["bookingId"], again["replayed"]) == (booking["bookingId"], True)
    assert say("confirm_booking", bookingId=booking["bookingId"])["status"] == "confirmed"
    listed = say("list_bookings", status="confirmed", limit=20)
    assert (listed["total"], listed["items"][0]["customerName"]) == (1, "Mia Park")
    detail = say("get_booking_detail", bookingId=booking["bookingId"])
    assert (detail["customerEmail"], [deed["what"] for deed in detail["history"]]) == ("mia@example.com", ["booking.created", "booking.confirmed"])
    refused = say("create_booking", serviceId=service["serviceId"], start="2026-05-20T10:30:00Z", customer={"name": "Ben", "email": "ben@example.com"})
    assert (refused["code"], refused["details"]["nextFree"][0]) == ("slot_unavailable", "2026-05-20T09:00:00+00:00")
    assert say("search_members", search="mia")["total"] == 1
    assert say("get_booking_stats")["confirmed"] == 1
    assert say("cancel_booking", bookingId=booking["bookingId"], reason="ill")["cancelledLate"] is False
    assert len(say("get_available_slots", serviceId=service["serviceId"], date="2026-05-20")["items"]) == 17


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_available_slots", {"date": "0001-01-01"}),
        ("get_available_slots", {"date": "9999-12-31", "days": 31}),
        ("get_available_slots", {"date": "20 May"}),
        ("get_available_slots", {"date": "2026-05-20", "days": 32}),
        ("create_booking", {"start": "0001-01-01T00:00:00+14:00", "customer": {"name": "Mia", "email": "mia@example.com"}}),
        ("create_booking", {"start": "9999-12-31T23:59:59-14:00", "customer": {"name": "Mia", "email": "mia@example.com"}}),
        ("create_booking", {"start": "2026-05-20T10:00:00", "customer": {"name": "Mia", "email": "mia@example.com"}}),
        ("create_booking", {"start": "2026-05-20T10:00:00Z"}),
        ("create_booking", {"start": "2026-05-20T10:00:00Z", "customer": {"name": "Mia", "email": "mia@example.com"}, "notes": "x" * 2001}),
        ("list_bookings", {"from": "0001-01-01"}),
        ("list_bookings", {"to": "9999-12-31T00:00:00-12:00"}),
        ("set_schedule", {"daysOff": [{"from": "0001-01-01", "to": "9999-12-31", "x": 1}]}),
    ],
)
def test_bad_input_is_refused_with_a_next_step(say: Say, tool: str, arguments: dict[str, Any]) -> None:
    service = say("create_service", name="Haircut", durationMinutes=60, price="49.00")["serviceId"]
    given = arguments if tool in ("list_bookings", "set_schedule") else {"serviceId": service, **arguments}
    refused = say(tool, **given)
    assert (refused["code"], bool(refused["nextStep"])) == ("invalid_arguments", True)


def test_a_line_break_in_a_name_is_refused_as_what_it_is(say: Say) -> None:
    service = say("create_service", name="Haircut", durationMinutes=60, price="49.00")["serviceId"]
    refused = say("create_booking", serviceId=service, start="2026-05-20T10:00:00Z", customer={"name": "Mia\r\nBcc: x", "email": "mia@example.com"})
    assert (refused["code"], bool(refused["nextStep"])) == ("header_injection", True)


def test_a_century_off_is_a_day_off(say: Say) -> None:
    service = say("create_service", name="Haircut", durationMinutes=60, price="49.00")["serviceId"]
    say("set_schedule", daysOff=[{"from": "0001-01-01", "to": "9999-12-31"}])
    assert say("get_available_slots", serviceId=service, date="2026-05-20")["items"] == []


@pytest.fixture
def stranger(owner_db: Database, desk: Desk) -> Desk:
    """Another business on the same server."""
    with owner_db.transaction() as session:
        return Desk(desk.database, desk.settings, found(session, "Studio Eve", "eve@example.com"))


def test_another_workspaces_key_finds_nothing(desk: Desk, stranger: Desk) -> None:
    service: Any = desk.run("create_service", name="Haircut", durationMinutes=60, price="49.00", resources=["Room 1"])
    staff: Any = desk.run("create_staff", name="Ana")
    theirs = {"serviceId": f"svc_{service.service_id.hex}", "staffId": f"stf_{staff.staff_id.hex}"}
    customer = {"name": "Mia", "email": "mia@example.com"}
    made: Any = desk.run("create_booking", serviceId=theirs["serviceId"], start="2026-05-20T10:00:00Z", customer=customer)
    theirs |= {"bookingId": f"bkg_{made.booking_id.hex}", "accountId": f"acc_{made.account_id.hex}"}
    named = [op for op in REGISTRY.values() if op.scope == "bookings" and set(op.example) & set(theirs)]
    assert len(named) >= 9
    for op in named:
        arguments = {name: theirs.get(name, value) for name, value in op.example.items()}
        with pytest.raises(NotFound):
            stranger.run(op.name, **arguments)
    for name in ("list_services", "list_staff", "list_bookings"):
        answer: Any = stranger.run(name)
        assert answer.items == []


def test_the_wall_hides_every_row_from_another_workspace(desk: Desk, stranger: Desk) -> None:
    service: Any = desk.run("create_service", name="Haircut", durationMinutes=60, price="49.00", resources=["Room 1"])
    svc = f"svc_{service.service_id.hex}"
    desk.run("create_staff", name="Ana", serviceIds=[svc])
    desk.run("set_schedule", daysOff=[])
    made: Any = desk.run("create_booking", serviceId=svc, start="2026-05-20T10:00:00Z", customer={"name": "Mia", "phone": "+447400123456"})
    desk.run("confirm_booking", bookingId=f"bkg_{made.booking_id.hex}", notify="sms")
    for workspace, sees in ((desk.founded.workspace, True), (stranger.founded.workspace, False)):
        with desk.database.transaction(workspace) as session:
            counts = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in OURS}
        assert all(bool(count) == sees for count in counts.values()), counts
