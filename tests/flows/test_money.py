"""The story of money as an agent tells it, over MCP alone: billed, paid on the page, partly given back after a person approved; the books agree.

Every event of the sandbox is delivered twice, and those of one call in reverse.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from approvals.requests import Pending
from kernel.db import Database
from providers.sandbox import Sandbox
from providers.transport import Answer
from tests.approvals.hands import rows
from tests.crm.test_invoices import MIA
from tests.crm.test_reminders import booked, in_days
from tests.factories import Desk
from tests.fixtures.waiting import until
from tests.portal.guest import Reader, app_of, changed
from workers.calls import Calls
from workers.drain import Drains
from workers.receive import Receiver

LANE = "payments:sandbox"
HELD_OPEN = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"


@dataclass
class Post:
    """The network between the sandbox and our receiver: takes what is posted, and delivers it later, twice and in reverse."""

    web: TestClient
    taken: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """As a transport does."""
        self.taken.append((url, body, headers))
        return Answer(204, {}, b"")

    def deliver(self) -> None:
        """Hand over what was taken."""
        for url, body, headers in [*reversed(self.taken), *reversed(self.taken)]:
            assert self.web.post(url, content=body, headers=dict(headers)).status_code == 204
        self.taken.clear()

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class House:
    """The web, and a worker beside it."""

    desk: Desk
    web: TestClient
    post: Post
    worker_db: Database
    owner_db: Database

    def say(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool over MCP."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        key = {"Authorization": f"Bearer {self.desk.founded.key.secret}", "Accept": "application/json, text/event-stream"}
        said: dict[str, Any] = json.loads(self.web.post("/mcp", json=body, headers=key).json()["result"]["content"][0]["text"])
        return said

    def work(self) -> None:
        """Dial what may leave, deliver what the sandbox told, and work it off."""
        self.work_off()
        assert rows(self.owner_db, "SELECT type, reason FROM inbox WHERE state <> 'done'") == []

    def work_off(self) -> None:
        """The same, whatever became of the events."""
        sandbox = Sandbox(self.desk.settings, self.post)  # type: ignore[arg-type]  # it posts as a transport does
        Drains(self.desk.settings, self.worker_db, Calls(self.desk.settings, {"sandbox": sandbox})).drain(LANE)
        self.post.deliver()
        changed(self.owner_db, "UPDATE inbox SET due_at = now() WHERE state = 'new'")
        Receiver(self.desk.settings, self.worker_db).receive()


@pytest.fixture
def house(desk: Desk, worker_db: Database, owner_db: Database) -> Iterator[House]:
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as web:
        yield House(desk, web, Post(web), worker_db, owner_db)


def paid(house: House) -> dict[str, Any]:
    """An invoice for a booking, paid on its page."""
    booking = booked(house.desk, in_days(3), MIA)
    invoice = house.say("create_invoice", bookingId=f"bkg_{booking.booking_id.hex}")
    link = house.say("create_payment_link", invoiceId=invoice["invoiceId"])
    assert (link["amount"], link["url"].startswith("http://sayso.test/pay/")) == ("49.00", True)
    house.work()
    assert house.say("get_send_status", intentId=link["intentId"])["sends"][0]["state"] == "sent"
    page = house.web.get(link["url"])
    assert "49.00 USD" in page.text
    pressed = house.web.post(link["url"], data={**Reader(page.text).fields, "deed": "pretend"})
    assert (pressed.status_code, pressed.headers["location"].endswith("?asked")) == (303, True)
    assert Reader(house.web.get(pressed.headers["location"]).text).refresh
    again = house.web.post(link["url"], data={**Reader(page.text).fields, "deed": "pretend"})
    assert again.status_code == 303
    house.work()
    assert "This invoice is paid" in house.web.get(link["url"]).text
    return house.say("get_invoice", invoiceId=invoice["invoiceId"])


def test_a_booking_is_billed_and_paid_on_its_page_once(house: House) -> None:
    invoice = paid(house)
    assert (invoice["status"], invoice["paid"], invoice["refunded"]) == ("paid", "49.00", "0.00")
    (payment,) = house.say("list_payments", invoiceId=invoice["invoiceId"])["items"]
    assert (payment["amount"], payment["provider"], payment["invoiceId"]) == ("49.00", "sandbox", invoice["invoiceId"])
    assert house.say("create_payment_link", invoiceId=invoice["invoiceId"])["code"] == "nothing_to_pay"


def test_whoever_waits_for_a_link_is_told_when_the_page_is_ready_and_it_is_one_page(house: House) -> None:
    invoice = house.say("create_invoice", bookingId=f"bkg_{booked(house.desk, in_days(3), MIA).booking_id.hex}")
    at_once = house.say("create_payment_link", invoiceId=invoice["invoiceId"])
    in_vain = house.say("create_payment_link", invoiceId=invoice["invoiceId"], waitSeconds=1)
    assert (at_once["page"], in_vain["page"]) == ("preparing", "preparing")
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(house.say, "create_payment_link", invoiceId=invoice["invoiceId"], waitSeconds=25)
        until(lambda: rows(house.owner_db, "SELECT 1 FROM payment_link OFFSET 2"), 10, "the link was not made")
        until(lambda: not rows(house.owner_db, HELD_OPEN), 5, "whoever waits holds a transaction")
        house.work()
        found = waiting.result()
    assert (found["page"], found["url"].rpartition("/")[0]) == ("ready", "http://sayso.test/pay")
    assert {one["intentId"] for one in (at_once, in_vain, found)} == {found["intentId"]}
    assert rows(house.owner_db, "SELECT count(*) FROM payment_link") == [(3,)]


def test_a_page_that_the_provider_refuses_is_said_and_not_waited_for(house: House) -> None:
    invoice = house.say("create_invoice", bookingId=f"bkg_{booked(house.desk, in_days(3), MIA).booking_id.hex}")
    house.say("create_payment_link", invoiceId=invoice["invoiceId"])
    changed(house.owner_db, "UPDATE delivery SET state = 'failed' WHERE lane = 'payments:sandbox'")
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(house.say, "create_payment_link", invoiceId=invoice["invoiceId"], waitSeconds=25)
        until(lambda: rows(house.owner_db, "SELECT 1 FROM checkout OFFSET 1"), 10, "no second page was asked for")
        changed(house.owner_db, "UPDATE delivery SET state = 'failed' WHERE lane = 'payments:sandbox'")
        found = waiting.result()
    assert (found["page"], "Do not send" in found["nextStep"]) == ("refused", True)


def test_a_part_goes_back_once_a_person_approved_and_the_books_agree(house: House) -> None:
    invoice = paid(house)
    (payment,) = house.say("list_payments")["items"]
    held = house.say("refund_payment", paymentId=payment["paymentId"], amount="9.00", reason="Cut too short", idempotencyKey="mia-refund-1")
    assert (held["status"], held["preview"][0]["parts"][0]["text"]) == ("pending", "9.00 USD")
    again = house.say("refund_payment", paymentId=payment["paymentId"], amount="9.00", reason="Cut too short", idempotencyKey="mia-refund-1")
    assert (again["approvalId"], again["replayed"]) == (held["approvalId"], True)
    house.work()
    assert rows(house.owner_db, "SELECT state FROM refund") == [("asked",)]
    house.desk.decide(Pending.model_validate(held))
    house.work()
    house.work()
    status = house.say("get_send_status", approvalId=held["approvalId"])
    assert (status["sends"][0]["state"], status["sends"][0]["attempts"]) == ("sent", 1)
    (payment,) = house.say("list_payments")["items"]
    assert (payment["amount"], payment["refunded"], payment["refundsAsked"]) == ("49.00", "9.00", "0.00")
    settled = house.say("get_invoice", invoiceId=invoice["invoiceId"])
    assert (settled["status"], settled["paid"], settled["refunded"]) == ("paid", "49.00", "9.00")
    assert house.say("refund_payment", paymentId=payment["paymentId"], amount="40.01")["code"] == "refund_too_high"
