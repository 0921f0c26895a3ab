"""One click takes an address off the letters of one business: it works alone, from any mail program, and opening the link does nothing."""

from __future__ import annotations

from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from approvals.requests import Pending
from crm.contacts.consents import StaysOptedOut
from crm.contacts.tools.accounts import Created
from kernel.db import Database
from kernel.keys import show
from outbox.unsubscribing import unsubscribe_url, unsubscriber
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import app_of, changed

MIA = "mia@example.com"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def http(desk: Desk) -> TestClient:
    """A mail program, or somebody's browser."""
    return TestClient(app_of(desk), base_url=desk.settings.base_url, follow_redirects=False)


def link(desk: Desk, address: str = MIA) -> str:
    return unsubscribe_url(desk.settings.base_url, desk.settings.secrets, desk.founded.workspace, address)


def suppressed(owner_db: Database) -> list[Any]:
    return rows(owner_db, "SELECT channel, recipient, source FROM suppression")


def test_a_letter_to_many_carries_its_way_out_and_one_to_one_does_not(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.run("create_account", name="Mia Park", email=MIA)
    many = {"name": "Spring", "channel": "email", "subject": "Spring", "body": "Hello {{first_name}}", "everybody": True}
    desk.decide(cast("Pending", desk.run("send_campaign", **many)))
    desk.decide(cast("Pending", desk.run("send_email", to=MIA, subject="Your visit", body="Thank you.")))
    changed(owner_db, "UPDATE delivery SET due_at = now()")
    bench.drain("email:sandbox")
    letters = {sent.content.frozen()["subject"]: sent.content.frozen() for sent in bench.memory.ledger if sent.recipient == MIA}
    url = letters["Spring"]["unsubscribe"]
    assert letters["Spring"]["body"] == f"Hello Mia Park\n\n-- \nNo more of these letters: {url}"
    assert unsubscriber(desk.settings.secrets, url.rpartition("/")[2]) == (desk.founded.workspace, MIA)
    assert "unsubscribe" not in letters["Your visit"]


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}, {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}])
def test_one_post_does_it_from_wherever_it_comes(http: TestClient, desk: Desk, owner_db: Database, headers: dict[str, str]) -> None:
    for _ in range(2):
        assert http.post(link(desk), data=ONE_CLICK, headers=headers).status_code == 200
    assert suppressed(owner_db) == [("email", MIA, "customer")]


def test_a_mail_program_may_write_the_form_in_parts(http: TestClient, desk: Desk, owner_db: Database) -> None:
    assert http.post(link(desk), files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert suppressed(owner_db) == [("email", MIA, "customer")]


BROKEN = [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\nOne-Click\r\n--x--"]
FILE = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"; filename="a"\r\n\r\nOne-Click\r\n--x--'
PARTS = ["multipart/form-data; boundary=x", "multipart/form-data; boundary=x; charset=nope", "multipart/form-data", "text/plain", "a=%FF;"]


@pytest.mark.parametrize("media", PARTS)
def test_broken_parts_change_nothing(http: TestClient, desk: Desk, owner_db: Database, media: str) -> None:
    for body in (*BROKEN, FILE):
        assert http.post(link(desk), content=body, headers={"Content-Type": media}).status_code == 404
    assert suppressed(owner_db) == []


def test_it_is_the_customers_own_word_and_follows_them_to_another_address(http: TestClient, desk: Desk, owner_db: Database) -> None:
    mia = cast("Created", desk.run("create_account", name="Mia Park", email=MIA))
    name = show("acc", mia.account_id)
    desk.run("set_consent", accountId=name, channel="email", consent=True, evidence="Ticked the box.")
    http.post(link(desk), data=ONE_CLICK)
    assert rows(owner_db, "SELECT source FROM consent WHERE NOT is_given") == [("customer",)]
    desk.run("update_account", accountId=name, email="mia+spring@example.com")
    assert ("email", "mia+spring@example.com", "customer") in suppressed(owner_db)
    with pytest.raises(StaysOptedOut):
        desk.run("set_consent", accountId=name, channel="email", consent=True, evidence="They asked me to.")


def test_opening_the_link_changes_nothing(http: TestClient, desk: Desk, owner_db: Database) -> None:
    for method in ("GET", "HEAD"):
        answer = http.request(method, link(desk))
        assert (answer.status_code, MIA in answer.text) == (200, method == "GET")
    assert suppressed(owner_db) == []


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "yes"}, {"x": "One-Click"}])
def test_another_form_changes_nothing(http: TestClient, desk: Desk, owner_db: Database, form: dict[str, str]) -> None:
    assert http.post(link(desk), data=form).status_code == 404
    assert suppressed(owner_db) == []


@pytest.mark.parametrize("token", ["x", "%00", "." * 300, "é"])
def test_a_link_that_is_not_ours_is_refused(http: TestClient, owner_db: Database, token: str) -> None:
    for answer in (http.get(f"/u/{token}"), http.post(f"/u/{token}", data=ONE_CLICK)):
        assert answer.status_code == 404
    assert suppressed(owner_db) == []


def test_a_changed_link_speaks_for_nobody(http: TestClient, desk: Desk, owner_db: Database) -> None:
    url = link(desk)
    place = len(url) - 12
    assert http.post(url[:place] + ("A" if url[place] != "A" else "B") + url[place + 1 :], data=ONE_CLICK).status_code == 404
    assert suppressed(owner_db) == []


def test_what_was_approved_before_is_not_sent_after(http: TestClient, desk: Desk, bench: Bench) -> None:
    pending = cast("Pending", desk.run("send_email", to=MIA, subject="Your visit", body="Thank you."))
    desk.decide(pending)
    http.post(link(desk), data=ONE_CLICK)
    bench.drain("email:sandbox")
    assert desk.send(pending).state == "suppressed"
