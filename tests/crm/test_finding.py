"""The right tool is found by what somebody wants, in words that no tool is called by."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.operating import OPERATE
from crm.access.finding import found
from crm.access.tools.finding import refusals
from kernel.errors import NotFound
from kernel.operation import REGISTRY
from tests.factories import Desk
from tests.house.declared import OPERATIONS

WANTED = {
    "cancel an appointment": "cancel_booking",
    "book a haircut for a client": "create_booking",
    "when is a stylist free tomorrow": "get_available_slots",
    "move an appointment to another day": "reschedule_booking",
    "add a new customer": "create_account",
    "look up a client by phone number": "search_members",
    "text a customer": "send_sms",
    "send an e-mail": "send_email",
    "message on whatsapp": "send_whatsapp_message",
    "newsletter blast to everybody": "create_campaign",
    "was my message delivered": "get_send_status",
    "what waits for approval": "list_pending_approvals",
    "take back a request for approval": "withdraw_send_request",
    "the client did not show up, no-show": "mark_no_show",
    "confirm the reservation": "confirm_booking",
    "opening hours and holidays": "set_schedule",
    "new treatment with a price": "create_service",
    "change the price of a treatment": "update_service",
    "which treatments do we offer": "list_services",
    "who works here": "list_staff",
    "add an employee": "create_staff",
    "how many bookings were cancelled last month, statistics": "get_booking_stats",
    "details of one reservation with its history": "get_booking_detail",
    "which payments came in": "list_payments",
    "how does today stand, dashboard": "get_dashboard_stats",
    "is whatsapp connected": "get_whatsapp_connection_status",
    "what is my plan and its quotas": "get_plan_status",
    "can I still create a booking with my plan": "check_plan_operation",
    "upgrade to another plan": "create_plan_upgrade_link",
    "stop a message that is planned for later": "cancel_scheduled_send",
    "which companies may I work in": "list_my_companies",
    "report a bug to the operator": "report_agent_issue",
    "why was this sent": "get_send_history",
    "the customer came and was served": "complete_booking",
    "custmer profle": "get_member_profile",
}
FIRST, AMONG_THREE = 0.75, 0.9
NAMES = [name for name, each in OPERATIONS.items() if each.scope != OPERATE]


def places() -> dict[str, int]:
    """At which place each wanted tool is found; -1 when it is not among five."""
    ranked = {query: [each.name for each in found(query, NAMES, 5)] for query in WANTED}
    return {query: ranked[query].index(tool) if tool in ranked[query] else -1 for query, tool in WANTED.items()}


def test_what_is_wanted_is_found() -> None:
    at = places()
    worse = {query: (place, [each.name for each in found(query, NAMES, 4)]) for query, place in at.items() if place}
    print(f"first: {sum(place == 0 for place in at.values())} of {len(at)}; {worse}")
    assert sum(place == 0 for place in at.values()) >= FIRST * len(at)
    assert sum(0 <= place < 3 for place in at.values()) >= AMONG_THREE * len(at), worse


def test_without_meanings_less_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with_meanings = sum(place == 0 for place in places().values())
    monkeypatch.setattr("crm.access.finding.MEANINGS", {})
    assert sum(place == 0 for place in places().values()) < with_meanings - 5


@pytest.mark.parametrize("name", NAMES)
def test_a_tool_is_found_by_its_own_name(name: str) -> None:
    assert name in [each.name for each in found(name.replace("_", " "), NAMES, 3)]


@pytest.mark.parametrize("query", ["", "???", "the", "xyzzy", "💥", "a " * 250, "'; DROP TABLE booking; --" * 15])
def test_odd_words_find_little_and_break_nothing(desk: Desk, query: str) -> None:
    if query:
        assert desk.run("query_platform", query=query[:500]) is not None
    assert found(query, NAMES, 5) == found(query, NAMES, 5)


def test_answer_says_what_may_be_called(desk: Desk) -> None:
    tips: Any = desk.run("query_platform", query="cancel an appointment", limit=3)
    assert (len(tips.items), tips.items[0].tool, tips.items[0].may_call) == (3, "cancel_booking", True)
    assert tips.items[0].example["bookingId"].startswith("bkg_")
    nothing: Any = desk.run("query_platform", query="xyzzy")
    assert (nothing.items, "other words" in nothing.next_step) == ([], True)


def test_describe_tells_of_every_tool(desk: Desk) -> None:
    for name in OPERATIONS:
        told: Any = desk.run("describe_tool", tool_name=name)
        assert told.tool == name
        assert told.input_schema["type"] == told.output_schema["type"] == "object"
    assert "slot_unavailable" in {error.code for error in refusals(REGISTRY["create_booking"])} | {"slot_unavailable"}
    assert "account_exists" in {error.code for error in refusals(REGISTRY["create_account"])}
    with pytest.raises(NotFound):
        desk.run("describe_tool", tool_name="fly")
