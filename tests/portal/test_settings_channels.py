"""Channels in the portal: owners and managers connect their own senders, no secret comes back, every deed asks first, and staff see none of it."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.senders import NUMBER, SID, TOKEN, connected, judged
from tests.portal.guest import Guest, Reader, everything, guest_at, joined

PATH = "/portal/settings/channels"
BY_TWILIO = {"provider": "twilio", "account_sid": SID, "auth_token": TOKEN, "sms": "+44 7400 999001", "whatsapp": ""}
KEY = "SG.canary-key-of-ours"
BY_SENDGRID = {"provider": "sendgrid", "sender": "hello@salon.example", "api_key": KEY, "public_key": ""}
STORED = "SELECT channel, provider, sender, name FROM channel_account WHERE ended_at IS NULL ORDER BY channel"


def post(guest: Guest, typed: dict[str, str], **more: str) -> httpx2.Response:
    """Fill in one of the two forms and send it."""
    return guest.http.post(PATH, data={**fields_of(guest, typed["provider"]), **typed, **more})


def fields_of(guest: Guest, provider: str) -> dict[str, str]:
    """The hidden fields of a provider's form."""
    page = guest.http.get(PATH).text
    form = page[page.index(f'<h2 id="{provider}"') :]
    return Reader(form[: form.index("</form>")]).fields


def press(guest: Guest, deed: str, **typed: str) -> httpx2.Response:
    """Ask about a deed, and do it."""
    at = address(guest, deed)
    return guest.http.post(at, data={**Reader(guest.http.get(at).text).fields, **typed})


def address(guest: Guest, deed: str) -> str:
    """Where a deed is asked about."""
    return next(at for at in Reader(guest.http.get(PATH).text).addresses if at.endswith(f"/{deed}"))


@pytest.mark.parametrize("rank", [None, Rank.MANAGER])
def test_twilio_is_connected_for_both_channels_at_once(guest: Guest, desk: Desk, owner_db: Database, rank: Rank | None) -> None:
    guest.sign_in(joined(desk, owner_db, "Robin", rank) if rank else None)
    assert post(guest, BY_TWILIO, whatsapp="+447400999002").headers["location"] == PATH
    assert rows(owner_db, STORED) == [("sms", "twilio", NUMBER, SID), ("whatsapp", "twilio", "+447400999002", SID)]
    page = guest.http.get(PATH).text
    assert ("Being tested" in page, "used once its test went well" in page) == (True, True)


def test_a_page_says_how_the_test_went(guest: Guest, worker_db: Database) -> None:
    guest.sign_in()
    post(guest, BY_SENDGRID)
    judged(worker_db, "SendGrid does not let this account in (HTTP 401).")
    page = guest.http.get(PATH).text
    assert ("Not let in" in page, "(HTTP 401)" in page) == (True, True)
    assert press(guest, "test").headers["location"] == PATH
    judged(worker_db, None)
    page = guest.http.get(PATH).text
    assert ("Your own" in page, "it works" in page, "/webhooks/sendgrid/" in page) == (True, True, True)


def test_no_page_and_no_row_shows_a_secret(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    answers = [post(guest, BY_TWILIO), post(guest, BY_TWILIO), post(guest, BY_SENDGRID), post(guest, {**BY_SENDGRID, "sender": "x"})]
    answers += [guest.http.get(PATH), *(guest.http.get(address(guest, deed)) for deed in ("replace", "test", "end"))]
    answers.append(press(guest, "replace", auth_token="short", api_key="short"))
    assert [answer.status_code for answer in answers] == [303, 409, 303, 422, 200, 200, 200, 200, 422]
    kept = str(everything(owner_db))
    for secret in (TOKEN, KEY):
        assert not [answer for answer in answers if secret in answer.text]
        assert secret not in kept
    assert SID in kept


def test_other_credentials_are_taken_and_tested(guest: Guest, owner_db: Database, worker_db: Database) -> None:
    guest.sign_in()
    post(guest, BY_TWILIO, whatsapp="+447400999002")
    judged(worker_db, None)
    before = rows(owner_db, "SELECT credentials FROM channel_account ORDER BY channel")
    assert press(guest, "replace", auth_token="x" * 32).headers["location"] == PATH
    after = rows(owner_db, "SELECT credentials FROM channel_account ORDER BY channel")
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert rows(owner_db, "SELECT test_due FROM channel_account") == [(True,), (True,)]


def test_one_is_disconnected_after_a_question(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    post(guest, BY_TWILIO)
    at, before = address(guest, "end"), everything(owner_db)
    page = guest.http.get(at)
    assert everything(owner_db) == before
    fields = Reader(page.text).fields
    assert guest.http.post(at, data=fields).headers["location"] == PATH
    assert rows(owner_db, "SELECT credentials FROM channel_account") == [(None,)]
    assert guest.http.post(at, data=fields).status_code == 404
    assert "Practice only" in guest.http.get(PATH).text


WRONG: list[dict[str, str]] = [
    {"account_sid": "AC1"},
    {"account_sid": "AC" + "\u0661" * 32},
    {"auth_token": ""},
    {"auth_token": "two words in a token"},
    {"auth_token": "a" * 16 + "\r\nX-Evil: 1"},
    {"sms": ""},
    {"sms": "07400 123456"},
    {"whatsapp": "whatsapp:hello"},
]


@pytest.mark.parametrize("typed", WRONG)
def test_what_will_not_do_is_asked_for_again(guest: Guest, owner_db: Database, typed: dict[str, str]) -> None:
    guest.sign_in()
    answer = post(guest, {**BY_TWILIO, **typed})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert rows(owner_db, STORED) == []


@pytest.mark.parametrize("altered", [{"nonce": "x"}, {"new": "cha_1"}, {"new": "cha_" + "0" * 32}, {"provider": "sendgrid"}, {"provider": "postcard"}])
def test_an_altered_form_connects_nothing(guest: Guest, owner_db: Database, altered: dict[str, str]) -> None:
    guest.sign_in()
    assert 400 <= post(guest, BY_TWILIO, **altered).status_code < 500
    assert rows(owner_db, STORED) == []


def test_staff_and_strangers_see_and_change_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in()
    connected(desk)
    at = address(guest, "end")
    fields = Reader(guest.http.get(at).text).fields
    staff, stranger = guest_at(desk), guest_at(desk)
    staff.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    for path in (PATH, at):
        assert staff.http.get(path).status_code == 403
        assert staff.http.post(path, data=fields).status_code == 403
        assert stranger.http.get(path).headers["location"] == "/portal/sign-in"
    assert len(rows(owner_db, STORED)) == 1


@pytest.mark.parametrize("path", ["cha_1/end", "cha_" + "0" * 32 + "/end", "cha_" + "0" * 32 + "/explode"])
def test_what_is_not_there_is_not_found(guest: Guest, path: str) -> None:
    guest.sign_in()
    assert guest.http.get(f"{PATH}/{path}").status_code == 404
    answer: Any = guest.http.post(f"{PATH}/{path}", data={})
    assert answer.status_code in (403, 404)
