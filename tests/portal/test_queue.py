"""The queue page: what stands where, one's own to everybody, the whole installation to operators alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from approvals.people import Rank
from crm.access.setup import found
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.heartbeats import beat
from tests.approvals.hands import LANE, dead, doubt
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, everything, guest_at, joined
from tests.portal.test_why import words

AT = "/portal/queue"


def operator(desk: Desk, emails: str = "olivia@example.com") -> Guest:
    """The owner's browser where these are the operators."""
    guest = guest_at(replace(desk, settings=desk.settings.model_copy(update={"operator_emails": emails})))
    guest.sign_in()
    return guest


def test_each_state_is_counted_with_the_age_of_the_oldest(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubt(desk, bench)
    dead(desk, bench)
    desk.ask("Held.")
    desk.approved("Ready.")
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '3 hours' WHERE state = 'failed'"))
        session.execute(text("UPDATE delivery SET due_at = now() - interval '5 minutes' WHERE state = 'ready' AND lane = :lane"), {"lane": LANE})
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '2 days' WHERE state = 'in_doubt'"))
    guest.sign_in()
    before = everything(owner_db)
    answer = guest.http.get(AT)
    told = words(answer.text)
    for line in ("waiting for a decision 1", "about to leave 1 5 minutes", "could not be sent 1 3 hours"):
        assert line in told, (line, told)
    assert re.search(r"in doubt 1 \d+ s", told), "a doubt is as old as its call, whatever touched its row since"
    told = told[told.index("SMS Where they stand") :]
    assert told.index("waiting for a decision") < told.index("about to leave") < told.index("in doubt") < told.index("could not be sent 1")
    assert Reader(answer.text).refresh == "15"
    assert everything(owner_db) == before


def test_the_whole_installation_is_shown_to_operators_alone(desk: Desk, bench: Bench, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = found(session, "Other", "eve@example.com")
    theirs = replace(desk, founded=other)
    theirs.ask("Theirs.", to="+33612345678")
    with bench.database.line() as line:
        beat(line, "worker", new_id())
    staff = guest_at(desk)
    staff.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    plain, whole = words(staff.http.get(AT).text), words(operator(desk).http.get(AT).text)
    assert "Nothing waits, and nothing is stuck." in plain, "what another business waits for is not ours"
    assert "whole installation" not in plain
    assert "Senders" not in plain
    assert f"{LANE} Where they stand How many The oldest waiting for a decision 1" in whole
    assert "Senders 1 running" in whole
    assert "Clocks none runs" in whole
    assert "worked off" in whole
    assert "33612345678" not in whole


def test_an_inbox_that_lags_and_a_dead_event_are_seen(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        store = text(
            "INSERT INTO inbox (id, provider, key, form, type, body, state, due_at)"
            " VALUES (gen_random_uuid(), 'stripe', :key, 'object', 'x', '{}', :state, now() - interval '2 minutes')"
        )
        session.execute(store, [{"key": "a", "state": "new"}, {"key": "b", "state": "dead"}])
    told = words(operator(desk).http.get(AT).text)
    assert "1 events of providers wait, the oldest 2 minutes late" in told
    assert "1 given up" in told


def test_a_lane_says_its_tokens_its_breaker_and_its_states(desk: Desk, bench: Bench, owner_db: Database) -> None:
    dead(desk, bench)
    guest = operator(desk)
    calm = words(guest.http.get("/portal/lanes").text)
    assert f"SMS by sandbox {LANE}" in calm
    assert "could not be sent 1" in calm
    assert "may leave at once" not in calm, "a lane without a limit has no tokens to count"
    for ahead, said in ((timedelta(minutes=5), "The provider is asked again at "), (timedelta(minutes=-5), "The provider is asked again any moment")):
        with owner_db.transaction() as session:
            session.execute(
                text("UPDATE lane SET rate = 2, burst = 10, tokens = 7.5, breaker_until = :until, breaker_reason = 'Refused <us>' WHERE id = :lane"),
                {"lane": LANE, "until": now() + ahead},
            )
        page = guest.http.get("/portal/lanes").text
        told = words(page)
        assert said in told, "until a probe has closed it, nothing of the lane leaves, whatever the hour"
        assert "Refused &lt;us&gt;" in page
        assert "2 a second" in told
        assert "may leave at once" in told
