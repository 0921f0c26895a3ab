"""Customers in the portal: found, read whole, their word written down, erased after a question, and taken from a file after a second look."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from approvals.people import Rank
from kernel.db import Database
from kernel.keys import new_id, show
from tests.approvals.hands import doubt, rows
from tests.crm.test_consents import told
from tests.crm.test_contacts import acc, customer
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import Guest, Reader, everything, joined

PATH = "/portal/customers"
IMPORT = f"{PATH}/import"
SHEET = "name,email,phone,tags\nMia Park,mia@example.com,,vip\nBad,nowhere,,\n"

SAYS_NOTHING: list[dict[str, str]] = [
    {},
    {"channel": "fax", "said": "no"},
    {"channel": "sms", "said": "perhaps"},
    {"channel": "sms", "said": "no", "evidence": "x" * 501},
]
ZIP = b"PK\x03\x04" + bytes(range(256))
NO_LISTS = [b"", b"\xff\xfe\x00", b"\x00\x01\x02", "name,email\nÄ,ä@".encode("latin-1"), b"a,b\n1,2", b'name,email\n"', ZIP]
PARTS = "multipart/form-data; boundary=x"


def at(who: str, more: str = "") -> str:
    return f"{PATH}/{who}{more}"


def wrote(guest: Guest, who: str, **said: str) -> httpx2.Response:
    """Fill in what a customer said."""
    fields = {**Reader(guest.http.get(at(who)).text).fields, **said}
    return guest.http.post(at(who, "/consent"), data=fields)


def shown(guest: Guest, sheet: bytes | str, name: str = "list.csv") -> httpx2.Response:
    """Choose a file on the page, and look at what it would do."""
    body = sheet.encode() if isinstance(sheet, str) else sheet
    return guest.http.post(IMPORT, data=Reader(guest.http.get(IMPORT).text).fields, files={"file": (name, body, "text/csv")})


def nonce_of(guest: Guest) -> str:
    """Of the form that saves everybody."""
    form = guest.http.get(PATH).text.partition('action="/portal/customers/export"')[2]
    return Reader(form).fields["nonce"]


def taken(guest: Guest, page: httpx2.Response, **more: str) -> httpx2.Response:
    """Press the button of that page, as a browser does: line ends of a form are CRLF."""
    fields = {**Reader(page.text).fields, "verdict": "take", **more}
    fields["csv"] = fields["csv"].replace("\n", "\r\n")
    return guest.http.post(IMPORT, data=fields, files={"nothing": ("", b"")})


def test_customers_are_listed_found_and_paged(guest: Guest, desk: Desk) -> None:
    for number in range(35):
        customer(desk, f"Guest {number:02}", email=f"guest{number}@example.com")
    guest.sign_in()
    first = guest.http.get(PATH).text
    assert ("35 in all" in first, "Guest 29" in first, "Guest 30" in first) == (True, True, False)
    (then,) = re.findall(r'href="(/portal/customers\?q=&amp;after=acc_[0-9a-f]+)"', first)
    assert "Guest 34" in guest.http.get(then.replace("&amp;", "&")).text
    assert "1 found" in guest.http.get(f"{PATH}?q=Guest+07").text
    for odd in ("?after=nonsense", "?q=%00", "?q=%ff", "?after=acc_%00"):
        assert guest.http.get(PATH + odd).status_code == 200


def test_a_page_tells_the_whole_of_a_customer(guest: Guest, desk: Desk, bench: Bench) -> None:
    who = acc(customer(desk, "Mia <b>", phone=PHONE, notes="Allergic to nuts."))
    desk.run("attach_tags", accountId=who, tags=["vip"])
    desk.approved("Dear Mia, see you soon.")
    bench.drain()
    told(desk, "customer", channel="whatsapp")
    guest.sign_in()
    page = guest.http.get(at(who)).text
    for words in ("Mia &lt;b&gt;", "+44 7400 123456", "Allergic to nuts.", "vip", "Dear Mia, see you soon.", "No: nothing is sent", "the customer", "STOP"):
        assert words in page, words


def test_a_person_writes_down_what_a_customer_said_and_lifts_their_stop(guest: Guest, desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, phone=PHONE))
    told(desk, "customer")
    guest.sign_in()
    refused = wrote(guest, who, channel="sms", said="yes")
    assert (refused.status_code, "needs_evidence" in refused.text) == (422, True)
    assert wrote(guest, who, channel="sms", said="yes", evidence="She asked at the desk.").status_code == 303
    assert rows(owner_db, "SELECT count(*) FROM suppression") == [(0,)]
    assert rows(owner_db, "SELECT is_given, source, said_by FROM consent") == [(True, "person", "person: Olivia")]


def test_staff_write_down_an_opt_out_and_lift_none(guest: Guest, desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, phone=PHONE))
    told(desk, "customer")
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    refused = wrote(guest, who, channel="sms", said="yes", evidence="x")
    assert (refused.status_code, "stays_opted_out" in refused.text) == (409, True)
    assert wrote(guest, who, channel="whatsapp", said="no").status_code == 303
    assert rows(owner_db, "SELECT channel FROM suppression ORDER BY 1") == [("sms",), ("whatsapp",)]
    for path in ("/erase", "/keep"):
        assert guest.http.post(at(who, path), data={}).status_code == 403
    assert guest.http.post(f"{PATH}/export", data={}).status_code == 403
    for path in (at(who, "/erase"), IMPORT):
        assert guest.http.get(path).status_code == 403, path


@pytest.mark.parametrize("said", SAYS_NOTHING)
def test_a_form_that_says_nothing_writes_nothing(guest: Guest, desk: Desk, owner_db: Database, said: dict[str, str]) -> None:
    who = acc(customer(desk, phone=PHONE))
    guest.sign_in()
    assert wrote(guest, who, **said).status_code == 422
    assert rows(owner_db, "SELECT count(*) FROM consent") == [(0,)]


def test_a_customer_is_erased_after_a_question(guest: Guest, desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    desk.run("erase_account", accountId=who, reason="She asked by e-mail.")
    guest.sign_in()
    assert f"{who}/erase" in guest.http.get(PATH).text
    question = guest.http.get(at(who, "/erase"))
    assert ("Erase Mia Park?" in question.text, "She asked by e-mail." in question.text) == (True, True)
    done = guest.press(question, "", at=at(who, "/erase"))
    assert (done.status_code, done.headers["location"]) == (303, PATH)
    assert rows(owner_db, "SELECT name FROM account") == [("Erased customer",)]
    assert guest.http.get(at(who)).status_code == 404


def test_a_person_keeps_whom_an_agent_wants_erased(guest: Guest, desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    desk.run("erase_account", accountId=who, reason="x")
    guest.sign_in()
    assert guest.press(guest.http.get(at(who, "/erase")), "", at=at(who, "/keep")).status_code == 303
    assert rows(owner_db, "SELECT count(*) FROM erasure") == [(0,)]
    assert rows(owner_db, "SELECT name FROM account") == [("Mia Park",)]


def test_nobody_is_erased_while_a_message_is_in_doubt(guest: Guest, desk: Desk, bench: Bench) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    doubt(desk, bench)
    guest.sign_in()
    refused = guest.press(guest.http.get(at(who, "/erase")), "", at=at(who, "/erase"))
    assert (refused.status_code, "still_leaving" in refused.text) == (409, True)


def test_looking_changes_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    guest.sign_in()
    before = everything(owner_db)
    for path in (PATH, at(who), at(who, "/erase"), IMPORT):
        assert guest.http.get(path).status_code == 200
    assert everything(owner_db) == before


def test_a_file_is_shown_first_and_taken_after_a_second_button(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in()
    page = shown(guest, "\ufeff" + SHEET.replace("\n", "\r\n"))
    assert ("1 new, 0 known, 1 with faults" in page.text, "Line 3" in page.text) == (True, True)
    assert rows(owner_db, "SELECT count(*) FROM account") == [(0,)]
    done = taken(guest, page)
    assert (done.status_code, "1 added, 0 filled in" in done.text) == (200, True)
    assert rows(owner_db, "SELECT name FROM account") == [("Mia Park",)]


def test_another_list_than_the_one_shown_is_not_taken(guest: Guest, owner_db: Database, desk: Desk) -> None:
    guest.sign_in()
    refused = taken(guest, shown(guest, SHEET), csv="name,email\nEve,eve@example.com\n")
    assert (refused.status_code, "stale_form" in refused.text) == (403, True)
    assert rows(owner_db, "SELECT count(*) FROM account") == [(0,)]


@pytest.mark.parametrize("sheet", NO_LISTS)
def test_a_file_that_is_no_list_is_refused_calmly(guest: Guest, sheet: bytes) -> None:
    guest.sign_in()
    assert shown(guest, sheet).status_code == 422


def test_a_file_in_utf_16_is_read(guest: Guest) -> None:
    guest.sign_in()
    assert "1 new" in shown(guest, "name,email\nZoë,zoe@example.com\n".encode("utf-16")).text


def test_a_large_file_is_taken_and_a_huge_one_refused(guest: Guest) -> None:
    guest.sign_in()
    large = "name,email,notes\n" + "\n".join(f"Guest {number},guest{number}@example.com,{'x' * 300}" for number in range(2000))
    assert "2000 new" in shown(guest, large).text
    assert shown(guest, "name,email\n" + "x" * 5_000_000).status_code == 413


HOSTILE: list[dict[str, Any]] = [
    {"content": b"", "headers": {"content-type": "multipart/form-data"}},
    {"content": b"--x\r\n\r\n", "headers": {"content-type": PARTS}},
    {"content": b"--x\r\ncontent-disposition: form-data\r\n\r\n\r\n--x--", "headers": {"content-type": PARTS}},
    {
        "content": b'--x\r\ncontent-disposition: form-data; name="csv"\r\n\r\n\xff\r\n--x--',
        "headers": {"content-type": f"{PARTS}; charset=nope"},
    },
    {"content": b"--\xff", "headers": {"content-type": "multipart/form-data; boundary=" + "y" * 300}},
    {"content": b"csv=%ff%fe", "headers": {"content-type": "application/x-www-form-urlencoded"}},
]


@pytest.mark.parametrize("sent", HOSTILE)
def test_no_form_is_answered_by_a_fault_of_ours(guest: Guest, sent: dict[str, Any]) -> None:
    guest.sign_in()
    assert 400 <= guest.http.post(IMPORT, **sent).status_code < 500


def test_everybody_is_saved_as_a_list_that_no_spreadsheet_obeys(guest: Guest, desk: Desk, owner_db: Database) -> None:
    customer(desk, "=HYPERLINK(1)", phone=PHONE)
    guest.sign_in()
    saved = guest.http.post(f"{PATH}/export", data={"nonce": nonce_of(guest)})
    assert (saved.status_code, saved.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert "'=HYPERLINK(1),,,,'+447400123456" in saved.text
    assert guest.http.post(f"{PATH}/export", data={}).status_code == 403, "only by its button"
    assert "0 new, 1 known" in shown(guest, saved.content).text, "what was saved can be read again"


def test_nobody_sees_a_customer_of_another_business_or_without_signing_in(guest: Guest, desk: Desk) -> None:
    who = acc(customer(desk))
    for path in (PATH, at(who), at(who, "/erase"), IMPORT):
        assert guest.http.get(path).headers["location"] == "/portal/sign-in"
    guest.sign_in()
    for stranger in (show("acc", new_id()), "acc_nonsense", "nobody"):
        assert guest.http.get(at(stranger)).status_code == 404
        assert guest.http.get(at(stranger, "/erase")).status_code == 404
