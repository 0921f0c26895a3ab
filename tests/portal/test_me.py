"""My own page: a new address is proved, told at the old one, and used a day later; nobody shortens the day, and no key gets near it."""

from __future__ import annotations

import re
from datetime import time

import httpx2
import pytest
from sqlalchemy import text

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import rows
from tests.approvals.mail import do
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, everything, guest_at, joined
from workers.clock import apply_addresses

PATH = "/portal/me"
NEW, PHONE = "olivia@new.example", "+447400999888"
WHERE = "SELECT email, phone FROM person"
A_DAY_LATER = ("SET LOCAL session_replication_role = replica", "UPDATE address_change SET confirmed_at = confirmed_at - interval '24 hours'")
CODE = re.compile(r"\b(\d{6})\b")
KEEP = re.compile(r"/portal/keep/[\w-]{22}")


def sent(guest: Guest, subject: str, **said: str) -> httpx2.Response:
    """Fill in one of the page's forms."""
    page = guest.http.get(PATH).text.partition(f'action="{PATH}/{subject}"')[2].partition("</form>")[0]
    return guest.http.post(f"{PATH}/{subject}", data={**Reader(page).fields, **said})


def letters(bench: Bench) -> list[tuple[str, str]]:
    """What left: to whom, and its text."""
    for lane in ("email:sandbox", "sms:sandbox"):
        bench.drain(lane)
    return [(one.recipient, one.content.body) for one in bench.memory.ledger]


def proved(guest: Guest, bench: Bench, field: str = "email", new: str = NEW) -> str:
    """A change whose code was typed; the way to keep the old address."""
    assert sent(guest, "address", field=field, address=new).status_code == 303
    to, body = letters(bench)[-1]
    code = CODE.search(body)
    assert code
    assert to == new
    assert sent(guest, "code", code=code.group(1)).status_code == 303
    to, body = letters(bench)[-1]
    way = KEEP.search(body)
    assert (to, bool(way)) == ("olivia@example.com", True)
    return way.group() if way else ""


@pytest.fixture
def owner(guest: Guest) -> Guest:
    """Olivia's browser."""
    guest.sign_in()
    return guest


@pytest.mark.parametrize(("field", "after"), [("email", (NEW, None)), ("phone", ("olivia@example.com", PHONE))])
def test_a_new_address_is_used_a_day_after_it_was_proved(owner: Guest, bench: Bench, owner_db: Database, field: str, after: tuple[str, str | None]) -> None:
    proved(owner, bench, field, NEW if field == "email" else PHONE)
    apply_addresses(bench.database)
    assert rows(owner_db, WHERE) == [("olivia@example.com", None)]
    do(owner_db, *A_DAY_LATER)
    for _ in range(2):
        apply_addresses(bench.database)
    assert rows(owner_db, WHERE) == [after]
    assert rows(owner_db, "SELECT ended_as FROM address_change") == [("applied",)]
    assert [deed for (deed,) in rows(owner_db, "SELECT action FROM audit WHERE action LIKE 'person.address%' ORDER BY id")] == [
        "person.address_asked",
        "person.address_confirmed",
        "person.address_applied",
    ]


def test_whoever_reads_the_old_address_keeps_it(owner: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    way, reader = proved(owner, bench), guest_at(desk)
    before = everything(owner_db)
    page = reader.http.get(way)
    assert everything(owner_db) == before
    assert reader.http.post(way, data={}).status_code == 403
    assert reader.http.post(way, data=Reader(page.text).fields).status_code == 200
    assert reader.http.post(way, data=Reader(page.text).fields).status_code == 404
    do(owner_db, *A_DAY_LATER)
    apply_addresses(bench.database)
    assert rows(owner_db, WHERE) == [("olivia@example.com", None)]


def test_whoever_asked_keeps_the_old_address_as_well(owner: Guest, bench: Bench, owner_db: Database) -> None:
    proved(owner, bench)
    assert sent(owner, "keep").status_code == 303
    assert rows(owner_db, "SELECT ended_as FROM address_change") == [("cancelled",)]


def test_a_wrong_code_is_counted_and_five_close_it(owner: Guest, bench: Bench, owner_db: Database) -> None:
    sent(owner, "address", field="email", address=NEW)
    code = CODE.search(letters(bench)[-1][1])
    assert code
    wrong = f"{(int(code.group(1)) + 1) % 1_000_000:06d}"
    assert [sent(owner, "code", code=wrong).status_code for _ in range(5)] == [403] * 5
    assert sent(owner, "code", code=code.group(1)).status_code == 403
    assert rows(owner_db, "SELECT tries, confirmed_at FROM address_change") == [(5, None)]


@pytest.mark.parametrize("said", [{"address": "nobody"}, {"address": "olivia@EXAMPLE.com"}, {"field": "phone", "address": "12"}, {"address": ""}])
def test_an_address_must_be_one_and_another(owner: Guest, owner_db: Database, said: dict[str, str]) -> None:
    assert sent(owner, "address", **{"field": "email", **said}).status_code in (409, 422)
    assert rows(owner_db, "SELECT count(*) FROM address_change") == [(0,)]


def test_codes_are_not_sent_without_end(owner: Guest) -> None:
    answers = [sent(owner, "address", field="email", address=f"{n}@new.example").status_code for n in range(6)]
    assert answers == [303] * 5 + [429]


def test_an_address_that_somebody_took_meanwhile_is_not_applied(owner: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    proved(owner, bench, new="mona@example.com")
    joined(desk, owner_db, "Mona", Rank.STAFF)
    do(owner_db, *A_DAY_LATER)
    apply_addresses(bench.database)
    assert sorted(rows(owner_db, WHERE)) == [("mona@example.com", None), ("olivia@example.com", None)]
    assert rows(owner_db, "SELECT ended_as FROM address_change") == [("cancelled",)]


def test_the_web_role_moves_no_address_and_shortens_no_day(owner: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    proved(owner, bench)
    for statement in ("UPDATE person SET email = 'x@example.com'", "UPDATE person SET phone = '+447400123456'", "UPDATE address_change SET asked_at = now()"):
        with pytest.raises(Exception, match="permission denied"), desk.signed_in() as (session, _):
            session.execute(text(statement))
    with pytest.raises(Exception, match="this change is settled"), desk.signed_in() as (session, _):
        session.execute(text("UPDATE address_change SET confirmed_at = now() - interval '2 days'"))


def test_the_day_begins_when_the_database_says_so(owner: Guest, desk: Desk, owner_db: Database) -> None:
    sent(owner, "address", field="email", address=NEW)
    with desk.signed_in() as (session, _):
        session.execute(text("UPDATE address_change SET confirmed_at = now() - interval '2 days'"))
    assert rows(owner_db, "SELECT confirmed_at > now() - interval '1 min' FROM address_change") == [(True,)]


def test_the_worker_moves_no_address_that_did_not_wait(owner: Guest, bench: Bench, owner_db: Database) -> None:
    proved(owner, bench)
    move = text("UPDATE person SET email = 'olivia@new.example'")
    with pytest.raises(Exception, match="a day after it was proved"), bench.database.transaction() as session:
        session.execute(move)
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE person DISABLE TRIGGER person_moves"))
        moved = session.execute(move).rowcount
        session.rollback()
    assert moved == 1, "the negative control: without the trigger it would have moved"


def test_nobody_changes_somebody_elses_address_or_wishes(owner: Guest, desk: Desk, owner_db: Database) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    change = """INSERT INTO address_change (id, workspace_id, person_id, field, new, code_hash)
        VALUES (gen_random_uuid(), :w, :p, 'email', 'eve@example.com', '')"""
    reach = "INSERT INTO reach (workspace_id, person_id, quiet_from, quiet_to) VALUES (:w, :p, '00:00', '23:00')"
    for statement in (change, reach):
        with pytest.raises(Exception, match="row-level security"), desk.signed_in() as (session, _):
            session.execute(text(statement), {"w": desk.founded.workspace, "p": mona})
        with pytest.raises(Exception, match="row-level security"), desk.database.transaction(desk.founded.workspace) as session:
            session.execute(text(statement), {"w": desk.founded.workspace, "p": desk.founded.owner})
    sent(owner, "address", field="email", address=NEW)
    with desk.signed_in(mona) as (session, _):
        assert session.execute(text("UPDATE address_change SET ended_at = now(), ended_as = 'cancelled'")).rowcount == 0


def test_a_code_goes_to_no_place_that_nobody_asked_for(owner: Guest, desk: Desk, owner_db: Database) -> None:
    sent(owner, "address", field="email", address=NEW)
    again = """INSERT INTO grants (id, workspace_id, intent_id, digest, source)
        SELECT gen_random_uuid(), workspace_id, id, digest, 'system' FROM intent WHERE kind = 'address_code'"""
    clear = ("SET LOCAL session_replication_role = replica", "DELETE FROM delivery", "DELETE FROM grants", "SET LOCAL session_replication_role = origin")
    do(owner_db, *clear, again)
    for wrong in ("UPDATE content SET recipient = 'eve@example.com'", "UPDATE address_change SET ended_at = now(), ended_as = 'cancelled'"):
        with pytest.raises(Exception, match="only a notice to a person of the workspace"):
            do(owner_db, *clear, wrong, again)


def test_wishes_are_kept_and_a_phone_is_needed_for_a_text(owner: Guest, owner_db: Database) -> None:
    assert sent(owner, "reach", channel="sms").status_code == 409
    assert sent(owner, "reach", channel="pigeon").status_code == 422
    assert sent(owner, "reach", channel="email", quiet_from="21:00").status_code == 422
    do(owner_db, "SET LOCAL session_replication_role = replica", f"UPDATE person SET phone = '{PHONE}'")
    assert sent(owner, "reach", channel="sms", quiet_from="21:00", quiet_to="08:00").status_code == 303
    assert sent(owner, "reach", channel="whatsapp", quiet_from="22:00", quiet_to="07:30").status_code == 303
    assert rows(owner_db, "SELECT channel, quiet_from, quiet_to FROM reach") == [("whatsapp", time(22), time(7, 30))]
    assert 'value="22:00"' in owner.http.get(PATH).text


def test_the_page_is_for_whoever_is_signed_in_and_forms_are_its_own(guest: Guest, desk: Desk) -> None:
    assert guest.http.get(PATH).headers["location"] == "/portal/sign-in"
    guest.sign_in()
    for subject in ("reach", "address", "code", "keep"):
        assert guest.http.post(f"{PATH}/{subject}", data={}).status_code == 403
        assert guest.http.post(f"{PATH}/{subject}", headers={"Origin": "https://evil.example"}).status_code == 403
    assert desk.founded.key.secret not in guest.http.get(PATH).text
