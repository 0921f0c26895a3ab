"""A policy that changes while something waits: what it refuses by now is not approved, not sent and not replayed, and everything else is."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import text

from approvals import policing
from approvals.decide import decide
from approvals.permitted import NUMBERS
from approvals.requests import Pending
from approvals.resolve import replay
from approvals.rulings import PolicyRefused
from approvals.votes import Decision
from kernel.clock import now
from kernel.db import Database
from outbox.dispatch import Dispatch, Later, Outcome
from tests.approvals.crowds import campaign, meet
from tests.approvals.hands import act, dead, rows, set_policy
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until

BRITISH, FRENCH = "+447400123456", "+33612345678"
REFUSED = "This goes to a number in GB, and only FR is allowed."
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"


def later(desk: Desk, to: str) -> Pending:
    """Approved, and due tomorrow."""
    return desk.approved(to=to, sendAt=(now() + timedelta(days=1)).isoformat())


def stands(desk: Desk, pending: Pending) -> tuple[str, str | None]:
    found = desk.send(pending)
    return found.state, found.wait_reason


def test_nobody_approves_what_a_policy_refuses_by_now(desk: Desk) -> None:
    pending = desk.ask(to=BRITISH)
    set_policy(desk, "countries", others="FR")
    with pytest.raises(PolicyRefused, match="only FR is allowed") as refused:
        desk.decide(pending)
    said = refused.value.body()
    assert (said["code"], said["details"]) == ("policy_refused", {"policies": ["countries@1"]})
    assert stands(desk, pending)[0] == "held"
    set_policy(desk, "countries", others="FR, GB")
    desk.decide(pending)
    assert stands(desk, pending)[0] == "ready"


def test_what_is_refused_by_now_can_still_be_rejected(desk: Desk) -> None:
    pending = desk.ask(to=BRITISH)
    set_policy(desk, "countries", others="FR")
    desk.decide(pending, "rejected")
    assert stands(desk, pending)[0] == "rejected"


def test_a_limit_of_recipients_counts_for_what_waits_for_its_decision(desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 3)
    pending = campaign(desk)
    set_policy(desk, "audience", per_request=2)
    with pytest.raises(PolicyRefused):
        desk.decide(pending)
    set_policy(desk, "audience", per_request=3)
    desk.decide(pending)


def test_setting_a_policy_cancels_what_was_approved_and_is_refused_by_now(desk: Desk, owner_db: Database) -> None:
    british, french = later(desk, BRITISH), later(desk, FRENCH)
    letter = cast("Pending", desk.run("send_email", to="mia@example.com", subject="Your visit", body="Thank you."))
    desk.decide(letter)
    set_policy(desk, "audience", per_request=5)
    set_policy(desk, "countries", others="FR, GB")
    assert stands(desk, british)[0] == "ready", "what allows it cancels nothing"
    set_policy(desk, "countries", others="FR")
    assert stands(desk, british) == ("cancelled", f"A policy refuses it by now. {REFUSED}")
    assert (stands(desk, french)[0], stands(desk, letter)[0]) == ("ready", "ready")
    told = rows(owner_db, "SELECT detail->>'cancelled' FROM audit WHERE action = 'policy.set' ORDER BY id DESC LIMIT 1")
    assert told == [("1",)]


def test_a_campaign_in_progress_ends_for_those_it_may_not_go_to(desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 4)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE account SET phone = '+3361234567' || right(phone, 1) WHERE right(phone, 1) IN ('1', '2')"))
    desk.decide(campaign(desk))
    set_policy(desk, "countries", others="FR")
    found = rows(owner_db, "SELECT d.state, count(*) FROM delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind = 'sms' GROUP BY 1 ORDER BY 1")
    assert found == [("cancelled", 2), ("ready", 2)]


def test_what_is_being_called_is_not_called_again(desk: Desk, bench: Bench) -> None:
    def forbid(_: Dispatch) -> Outcome:
        set_policy(desk, "countries", others="FR")
        return Later("busy", after=0.0)

    pending = desk.approved(to=BRITISH)
    bench.memory.tell(forbid)
    bench.drain()
    bench.drain()
    assert (stands(desk, pending)[0], len(bench.memory.ledger)) == ("cancelled", 1)


def test_a_dead_letter_that_is_refused_by_now_is_not_replayed(desk: Desk, bench: Bench) -> None:
    (intent,) = dead(desk, bench).intent_ids
    set_policy(desk, "countries", others="FR")
    with pytest.raises(PolicyRefused):
        act(desk, replay, intent)
    set_policy(desk, "countries", anywhere=True)
    assert act(desk, replay, intent) == "ready"


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as crowd:
        yield crowd


@pytest.mark.parametrize("is_held", [True, False])
def test_what_is_granted_while_a_policy_is_set_is_found_by_it(
    desk: Desk, owner_db: Database, crowd: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, *, is_held: bool
) -> None:
    if not is_held:  # the negative control: without the lock it leaves against the policy
        monkeypatch.setattr(policing, "hold_policies", lambda *_: None)
    pending = desk.ask(to=BRITISH)
    with desk.signed_in() as (session, owner):
        decide(session, owner, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
        setting = crowd.submit(set_policy, desk, "countries", others="FR")
        until(lambda: setting.done() or rows(owner_db, WAITS) == [(True,)], 20, "nobody set the policy")
        assert setting.done() is not is_held
    setting.result()
    assert stands(desk, pending)[0] == ("cancelled" if is_held else "ready")


def test_what_waits_is_found_by_an_index(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        query = NUMBERS.replace("%%", "%").replace("%(workspace)s", f"'{desk.founded.workspace}'")
        plan = "\n".join(row[0] for row in session.connection().exec_driver_sql(f"EXPLAIN {query.replace('%', '%%')}"))
    assert "ix_delivery_waiting" in plan
    assert "ix_delivery_calling" in plan
    assert "ix_delivery_in_doubt" in plan
