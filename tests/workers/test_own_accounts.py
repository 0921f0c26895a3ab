"""Own accounts at work: each dials with its own credentials and sender, new ones are taken up, and none serves another workspace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from crm.access.setup import found
from kernel.db import Database
from kernel.settings import Settings
from outbox.connecting import Connector
from outbox.senders import own
from processes.premises import connector
from providers.twilio import connect
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.fixtures.senders import NUMBER, OTHER_SID, SID, TOKEN, by_twilio, connected, disconnected
from tests.fixtures.stub_provider import StubProvider
from workers import own_accounts
from workers.calls import Calls
from workers.drain import Drains
from workers.inquiries import Inquiries
from workers.own_accounts import OwnAccounts

DEFAULT_TOKEN = "token-of-the-installation"


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubProvider]:
    """Twilio, which knows both accounts."""
    with StubProvider(tmp_path / "journal.jsonl") as running:
        running.let_in(SID, TOKEN)
        running.let_in(OTHER_SID, DEFAULT_TOKEN)
        yield running


@pytest.fixture
def settings(settings: Settings, stub: StubProvider) -> Settings:
    """The installation's own account, at the stub."""
    token = type(settings.twilio_auth_token)(DEFAULT_TOKEN)
    return by_twilio(settings).model_copy(update={"twilio_api_base": stub.url, "twilio_auth_token": token, "sendgrid_api_base": stub.url})


@pytest.fixture
def accounts(bench: Bench) -> Iterator[OwnAccounts]:
    """Those of this worker; what was read of one is believed for no time."""
    before, own_accounts.FRESH = own_accounts.FRESH, 0.0
    made = OwnAccounts(bench.settings, bench.database, {name: connector(name) for name in ("twilio", "sendgrid")})
    yield made
    made.stop()
    own_accounts.FRESH = before


def calls_of(bench: Bench, accounts: OwnAccounts) -> Calls:
    """As a worker is put together."""
    return Calls(bench.settings, {"twilio": connect(bench.settings), "sandbox": bench.memory}, accounts)


def drain(bench: Bench, accounts: OwnAccounts) -> None:
    """What tickets for every lane do."""
    drains = Drains(bench.settings, bench.database, calls_of(bench, accounts))
    with bench.database.transaction() as session:
        lanes = list(session.scalars(text("SELECT id FROM lane ORDER BY id")))
    for lane in lanes:
        drains.drain(lane)


def elsewhere(desk: Desk, owner_db: Database) -> Desk:
    """Another business on the same installation."""
    with owner_db.transaction() as session:
        return replace(desk, founded=found(session, "Elsewhere", "eve@example.com"))


def given(desk: Desk, account: UUID, token: str) -> None:
    """The owner gives it another token."""
    with desk.signed_in() as (session, owner):
        Connector(session, desk.settings, owner.as_actor(), owner.id).replace(account, {"twilio_auth_token": token})


def test_each_workspace_sends_with_its_own_credentials_and_sender(
    desk: Desk, bench: Bench, owner_db: Database, stub: StubProvider, accounts: OwnAccounts
) -> None:
    connected(desk)
    accounts.test()
    other = elsewhere(desk, owner_db)
    ours, theirs = desk.approved("Ours."), other.approved("Theirs.")
    drain(bench, accounts)
    took = sorted((entry.text, entry.path.split("/")[3], entry.sender) for entry in stub.entries() if entry.accepted)
    assert took == [("Ours.", SID, NUMBER), ("Theirs.", OTHER_SID, "+447400999777")]
    assert (desk.send(ours).state, other.send(theirs).state) == ("sent", "sent")


def test_the_provider_itself_says_whether_it_is_let_in(desk: Desk, accounts: OwnAccounts, owner_db: Database) -> None:
    account = connected(desk, token="not-the-token-of-ours")
    accounts.test()
    assert rows(owner_db, "SELECT fault, proved_at FROM channel_account") == [("Twilio does not let this account in (HTTP 401).", None)]
    given(desk, account, TOKEN)
    accounts.test()
    assert rows(owner_db, "SELECT fault, proved_at IS NOT NULL FROM channel_account") == [(None, True)]


def test_new_credentials_are_taken_up_and_old_ones_let_go(desk: Desk, bench: Bench, stub: StubProvider, accounts: OwnAccounts) -> None:
    account = connected(desk)
    accounts.test()
    first = desk.approved("First.")
    drain(bench, accounts)
    stub.let_in(SID, "rotated-token-of-ours")
    given(desk, account, "rotated-token-of-ours")
    second = desk.approved("Second.")
    drain(bench, accounts)
    assert (desk.send(first).state, desk.send(second).state) == ("sent", "sent")


def test_a_wrong_token_rests_the_lane_and_good_ones_open_it(desk: Desk, bench: Bench, stub: StubProvider, accounts: OwnAccounts, owner_db: Database) -> None:
    account = connected(desk)
    accounts.test()
    stub.let_in(SID, "rotated-token-of-ours")
    pending = desk.approved()
    drain(bench, accounts)
    assert rows(owner_db, "SELECT id LIKE 'sms:twilio/%' FROM lane WHERE breaker_until IS NOT NULL") == [(True,)]
    given(desk, account, "rotated-token-of-ours")
    accounts.test()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'ready'"))
    drain(bench, accounts)
    assert desk.send(pending).state == "sent"


def test_nothing_is_dialled_after_a_disconnection_even_when_its_lane_is_resumed(
    desk: Desk, bench: Bench, stub: StubProvider, accounts: OwnAccounts, owner_db: Database
) -> None:
    account = connected(desk)
    accounts.test()
    pending = desk.approved()
    disconnected(desk, account)
    drain(bench, accounts)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE lane SET paused_at = NULL, pause_reason = NULL"))
    drain(bench, accounts)
    assert (stub.entries(), desk.send(pending).state) == ([], "ready")
    connected(desk)
    accounts.test()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'ready'"))
    drain(bench, accounts)
    assert desk.send(pending).state == "sent"


def test_no_account_serves_another_workspace(desk: Desk, bench: Bench, owner_db: Database, stub: StubProvider, accounts: OwnAccounts) -> None:
    """Rows that say another's lane, as only somebody who writes past the tools could make them, are not dialled."""
    connected(desk)
    accounts.test()
    other = elsewhere(desk, owner_db)
    forged = other.approved("From somebody else's number.")
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE delivery SET lane = (SELECT lane FROM channel_account) WHERE intent_id = :id"), {"id": forged.intent_ids[0]})
    drain(bench, accounts)
    assert (stub.entries(), other.send(forged).state) == ([], "ready")
    with desk.signed_in() as (session, _):
        (account,) = own(session, desk.founded.workspace)
    assert accounts.serving(account.id, other.founded.workspace) is None
    assert accounts.serving(account.id, desk.founded.workspace) is not None


def test_a_doubt_is_looked_up_with_the_accounts_own_credentials(
    desk: Desk, bench: Bench, stub: StubProvider, accounts: OwnAccounts, owner_db: Database
) -> None:
    connected(desk)
    accounts.test()
    pending = desk.ask()
    stub.tell({"do": "accept_then_500", "to": desk.send(pending).recipient})
    desk.decide(pending)
    drain(bench, accounts)
    assert desk.send(pending).state == "in_doubt"
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"))
    Inquiries(bench.database, calls_of(bench, accounts)).ask()
    assert desk.send(pending).state == "sent"
    assert len(stub.entries()) == 1
