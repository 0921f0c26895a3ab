"""Access at once: limits are exact, a code is used up once, and the web login sees no code but its own browser's."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from crm.access import codes
from crm.access.throttle import SWEEP, Limit, TooOften, count
from kernel.clock import now
from kernel.db import Database
from kernel.keys import token_hash
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.portal.guest import changed

OWNER = "olivia@example.com"


def test_a_limit_is_exact_when_many_knock_at_once(web_db: Database) -> None:
    limit = Limit("knocks", 6)

    def knock(number: int) -> str:
        try:
            with web_db.transaction() as session:
                count(session, b"secret", limit, f"door {number % 2}")
        except TooOften:
            return "refused"
        return "counted"

    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(knock, range(40))) == {"counted": 12, "refused": 28}
    assert rows(web_db, "SELECT used FROM throttle") == [(20,), (20,)]


def test_a_window_ends_and_old_ones_are_swept(web_db: Database, owner_db: Database) -> None:
    limit = Limit("knocks", 1, timedelta(minutes=1))
    for age in ("2 minutes", "2 days"):
        with web_db.transaction() as session:
            count(session, b"secret", limit, "door")
        changed(owner_db, f"UPDATE throttle SET since = now() - interval '{age}'")
    with web_db.transaction() as session:
        session.execute(text(SWEEP))
    assert rows(owner_db, "SELECT count(*) FROM throttle") == [(0,)]


def test_a_right_code_typed_many_times_at_once_opens_one_session(desk: Desk, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "new_code", "4".__mul__)
    with desk.database.transaction() as session:
        browser = codes.ask(session, desk.settings, OWNER, "192.0.2.1", now())

    def come(_: int) -> bool:
        try:
            with desk.database.transaction(credential=token_hash(browser)) as session:
                (place,) = codes.prove(session, desk.settings, browser, "4" * codes.DIGITS, now())
                codes.come_in(session, browser, place.workspace_id, now())
        except (codes.WrongSignInCode, codes.SignInEnded):
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(come, range(16))) == 1
    assert rows(owner_db, "SELECT count(*) FROM portal_session") == [(1,)]


def test_a_code_is_seen_by_its_own_browser_and_workspace_alone(desk: Desk, web_db: Database) -> None:
    with web_db.transaction() as session:
        browser = codes.ask(session, desk.settings, OWNER, "192.0.2.1", now())
    seen = "SELECT count(*) FROM sign_in_code"
    for credential, many in ((None, 0), (token_hash("another"), 0), (token_hash(browser), 1)):
        with web_db.transaction(credential=credential) as session:
            assert session.scalar(text(seen)) == many
            assert session.execute(text("SELECT * FROM proved_places()")).all() == []
            assert session.execute(text("SELECT * FROM person")).all() == []
    stolen = "INSERT INTO sign_in_code (person_id, workspace_id, browser_hash, code_hash, expires_at) VALUES (:p, :w, :b, 'x', now())"
    with pytest.raises(Exception, match="row-level security"), web_db.transaction(credential=token_hash(browser)) as session:
        session.execute(text(stolen), {"p": desk.founded.owner, "w": desk.founded.workspace, "b": token_hash(browser)})
