"""Lists of customers: what spreadsheets save is read, wrong lines are named and left out, nothing lifts an opt-out, and nothing is a 5xx."""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crm.contacts.imports import carry_out, plan
from crm.contacts.sheets import COLUMNS, MOST_ROWS, OBEYED, SheetUnreadable, read, safe, write
from crm.contacts.tools.accounts import Member
from crm.contacts.tools.imports import Imported
from kernel.call import Call, Caller
from kernel.clock import monotonic, now
from kernel.db import Database
from tests.approvals.hands import rows
from tests.crm.test_contacts import acc, customer, found
from tests.factories import PHONE, Desk

HEAD = "name,email,phone\n"
AGREED = "name,email,consent_email,consent_evidence\n"


MIXED = """name,email,phone,consent_sms
Good,good@example.com,,
Bad mail,good@,,
"Two
lines",two@example.com,,
Nowhere,,,
Again,GOOD@example.com,,
Mixed,ana@example.com,+447400123456,
Agreed,agreed@example.com,+447400123400,yes
Maybe,maybe@example.com,+447400123401,perhaps
4.474E+11,,4.474E+11,
Last,last@example.com,,
"""
PIECES = ["name", "email", "Mia", "a@b.com", ",", ";", '"', "\n", "\r", "'", "=", "\x00", "yes"]
NO_LISTS = ["nothing", "name,colour\nMia,red", "email,mail,name\na@b.com,a@b.com,x", 'name,email\n"Mia,mia@example.com', ",,,\n", "\n\n"]


def imported(desk: Desk, sheet: str, **more: Any) -> Imported:
    return cast("Imported", desk.run("import_accounts", csv=sheet, **more))


def test_a_list_makes_the_new_and_fills_in_the_known(desk: Desk) -> None:
    mia = customer(desk, email="mia@example.com")
    done = imported(desk, "Name,E-mail,Mobile,Tags,Shoe size\nM. Park,MIA@example.com,+447400123456,VIP; regular,38\nBen,ben@example.com,,,\n")
    assert (done.created, done.known, done.refused, done.ignored_columns) == (1, 1, 0, ["Shoe size"])
    seen = cast("Member", desk.run("get_member_profile", accountId=acc(mia)))
    assert (seen.name, seen.phone, seen.tags) == ("Mia Park", "+447400123456", ["regular", "vip"])
    assert found(desk) == ["Mia Park", "Ben"]


def test_a_dry_run_writes_nothing_and_tells_the_same(desk: Desk, owner_db: Database) -> None:
    sheet = f"{HEAD}Mia,mia@example.com,\nBen,no address,\n"
    tried = imported(desk, sheet, dryRun=True)
    assert rows(owner_db, "SELECT count(*) FROM account") == [(0,)]
    done = imported(desk, sheet)
    assert (tried.created, tried.refused, tried.faults) == (done.created, done.refused, done.faults)


@pytest.mark.parametrize(
    "sheet",
    [
        "\ufeffname,email\r\nMia Park,mia@example.com\r\n",
        "name;email\nMia Park;mia@example.com\n",
        "name\temail\rMia Park\tmia@example.com\r",
        'name,notes,email\n"Mia Park","two\r\nlines, and ""quotes""",mia@example.com',
        "First name,Last name,EMAIL\n\nMia,Park,mia@example.com\n,,\n",
    ],
)
def test_a_list_is_read_however_a_spreadsheet_saves_it(desk: Desk, sheet: str) -> None:
    assert (imported(desk, sheet).created, found(desk)) == (1, ["Mia Park"])


def test_a_national_number_is_one_of_the_businesss_own_country(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET country = 'GB'"))
    imported(desk, f"{HEAD}Mia,,07400 123456\nBen,,0033 6 12 34 56 78\n")
    assert rows(owner_db, "SELECT phone FROM account WHERE name = 'Mia'") == [(PHONE,)]


def test_each_wrong_line_is_named_and_the_others_are_taken(desk: Desk) -> None:
    customer(desk, "Ana", email="ana@example.com")
    customer(desk, "Bo", phone=PHONE)
    done = imported(desk, MIXED)
    assert (done.created, done.known) == (2, 0)
    assert [fault.line for fault in done.faults] == [3, 4, 6, 7, 8, 9, 10, 11]
    said = {fault.line: fault.says for fault in done.faults}
    assert "line 2" in said[7]
    assert "belongs to one customer" in said[8]
    assert "consent_evidence" in said[9]


def test_consent_of_a_list_is_kept_with_its_evidence_and_once(desk: Desk, owner_db: Database) -> None:
    sheet = f"{AGREED}Mia,mia@example.com,yes,Paper form of 3 May\nBen,ben@example.com,no,\n"
    assert imported(desk, sheet).consents == 2
    assert imported(desk, sheet).consents == 0
    assert rows(owner_db, "SELECT is_given, source, evidence FROM consent ORDER BY is_given DESC") == [
        (True, "import", "Paper form of 3 May"),
        (False, "import", None),
    ]
    assert rows(owner_db, "SELECT recipient, source FROM suppression") == [("ben@example.com", "import")]


def test_a_yes_in_a_list_lifts_no_opt_out(desk: Desk, owner_db: Database) -> None:
    mia = customer(desk, email="mia@example.com")
    desk.run("set_consent", accountId=acc(mia), channel="email", consent=False)
    done = imported(desk, f"{AGREED}Mia,mia@example.com,yes,Paper form of 3 May\n")
    assert (done.consents, done.still_opted_out) == (0, 1)
    assert rows(owner_db, "SELECT count(*) FROM suppression") == [(1,)]


@pytest.mark.parametrize("sheet", [*NO_LISTS, f"name,email\n{'x' * 150_000},a@b.com"])
def test_what_is_no_list_is_refused(desk: Desk, sheet: str) -> None:
    with pytest.raises(SheetUnreadable):
        imported(desk, sheet)


def test_a_list_is_bounded() -> None:
    with pytest.raises(SheetUnreadable):
        read(HEAD + "\n".join(f"Guest,guest{number}@example.com," for number in range(MOST_ROWS + 1)), None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_no_text_is_more_than_refused(sheet: str) -> None:
    for text_ in (sheet, f"name,email,consent_email\n{sheet}"):
        try:
            read(text_, "GB")
        except SheetUnreadable:
            continue


@pytest.mark.parametrize("first", OBEYED)
def test_no_cell_of_an_export_is_a_formula_and_all_come_back(first: str) -> None:
    told = f"{first}HYPERLINK(1)"
    written = write([{"name": told, "phone": PHONE, "email": "mia@example.com", "notes": 'a "b",\nc'}])
    cells = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert not [cell for row in cells for cell in row.values() if cell.startswith(OBEYED)]
    if first.strip():
        (back,) = read(written, None).lines.values()
        assert (back.name, back.phone, back.notes) == (told, PHONE, 'a "b",\nc')
    assert safe("plain") == "plain"
    assert list(cells[0]) == list(COLUMNS)


def test_ten_thousand_lines_take_seconds_not_minutes(desk: Desk, owner_db: Database) -> None:
    sheet = HEAD + "\n".join(f"Guest {number},guest{number}@example.com,+44740{number:07}" for number in range(MOST_ROWS))
    began = monotonic()
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        call = Call(session, Caller("agent", desk.founded.key.id, "first agent"), desk.founded.workspace, now(), desk.settings)
        carry_out(call, plan(call, sheet))
    took = monotonic() - began
    print(f"10,000 lines: {took:.1f} s")
    assert took < 60
    assert rows(owner_db, "SELECT count(*) FROM account") == [(MOST_ROWS,)]
