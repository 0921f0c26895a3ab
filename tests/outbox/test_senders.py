"""Own senders: an account serves once its provider let it in, its credentials are the worker's alone, and only a signed-in decider changes it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from approvals.people import Rank
from crm.access.setup import found
from kernel.db import Database
from kernel.errors import Conflict, NotFound, SaysoError
from kernel.keys import new_id
from kernel.operation import REGISTRY, Effect
from outbox.accounts import account_of, channel_of, lane_of, provider_of
from outbox.connecting import Asked, Connector
from outbox.credentials import DISCONNECTED, Sealed, conclude, find, opened, sealed
from outbox.senders import ChannelAccount, own
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.senders import NUMBER, SID, TOKEN, TWILIO, connected, disconnected, judged
from tests.portal.guest import joined

MAIL = Asked("email", "sendgrid", "hello@salon.example")


def sender_of(desk: Desk) -> tuple[str, str]:
    """From where a message leaves that is asked for now: its lane's kind, and the sender that is approved."""
    pending = desk.ask()
    with desk.database.transaction(desk.founded.workspace) as session:
        lane = session.scalar(text("SELECT lane FROM intent WHERE id = :id"), {"id": pending.intent_ids[0]})
    return str(lane).partition("/")[0] + ("/own" if "/" in str(lane) else ""), pending.preview[0].sender


def test_a_lane_says_channel_provider_and_whose_it_is() -> None:
    account = new_id()
    lane = lane_of("sms", "twilio", account)
    assert (channel_of(lane), provider_of(lane), account_of(lane)) == ("sms", "twilio", account)
    assert (channel_of("sms:twilio"), provider_of("sms:twilio"), account_of("sms:twilio")) == ("sms", "twilio", None)


def test_an_own_account_serves_once_its_provider_let_it_in(desk: Desk, worker_db: Database) -> None:
    default = ("sms:sandbox", "+15005550006")
    assert sender_of(desk) == default
    connected(desk)
    assert sender_of(desk) == default
    judged(worker_db, "Twilio does not let this account in (HTTP 401).")
    assert sender_of(desk) == default
    with desk.signed_in() as (session, owner):
        connector = Connector(session, desk.settings, owner.as_actor(), owner.id)
        connector.replace(own(session, owner.workspace_id)[0].id, {"twilio_auth_token": TOKEN})
    judged(worker_db, None)
    assert sender_of(desk) == ("sms:twilio/own", NUMBER)


def test_one_that_is_not_let_in_any_more_is_not_changed_for_another(desk: Desk, worker_db: Database) -> None:
    account = connected(desk, worker_db)
    with desk.signed_in() as (session, owner):
        Connector(session, desk.settings, owner.as_actor(), owner.id).test(account)
    judged(worker_db, "Twilio does not let this account in (HTTP 401).")
    assert sender_of(desk) == ("sms:twilio/own", NUMBER)


def test_another_workspace_keeps_the_installations_account(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    connected(desk, worker_db)
    with owner_db.transaction() as session:
        other = Desk(desk.database, desk.settings, found(session, "Elsewhere", "eve@example.com"))
    assert (sender_of(desk)[1], sender_of(other)[1]) == (NUMBER, "+15005550006")


def test_letters_to_our_own_people_leave_by_the_installations_account(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    connected(desk, worker_db, MAIL, token="SG." + "x" * 40)
    desk.ask()
    assert rows(owner_db, "SELECT DISTINCT i.lane FROM intent i WHERE i.kind = 'notice'") == [("email:sandbox",)]


def test_what_waits_is_held_when_it_is_disconnected_and_leaves_when_connected_again(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    account = connected(desk, worker_db)
    waiting, late = desk.approved(), desk.ask("Asked before, approved after.")
    disconnected(desk, account)
    desk.decide(late)
    for pending in (waiting, late):
        assert (desk.send(pending).state, desk.send(pending).wait_reason) == ("ready", DISCONNECTED)
    assert sender_of(desk)[1] == "+15005550006"
    assert connected(desk) == account
    assert desk.send(waiting).wait_reason == DISCONNECTED
    judged(worker_db, None)
    assert desk.send(waiting).wait_reason is None
    assert rows(owner_db, "SELECT action FROM audit WHERE action LIKE 'channel.%' ORDER BY id") == [
        ("channel.connected",),
        ("channel.disconnected",),
        ("channel.connected",),
    ]


def test_a_pause_of_an_operator_is_not_lifted_by_connecting_again(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    account = connected(desk, worker_db)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE lane SET paused_at = now(), pause_reason = 'Rates.' WHERE id LIKE '%/%'"))
    disconnected(desk, account)
    connected(desk, worker_db)
    assert rows(owner_db, "SELECT pause_reason FROM lane WHERE id LIKE '%/%'") == [("Rates.",)]


def test_a_channel_has_one_account(desk: Desk, worker_db: Database) -> None:
    connected(desk, worker_db)
    with pytest.raises(Conflict):
        connected(desk, worker_db, Asked("sms", "twilio", "+447400999002", SID))


def test_a_test_of_credentials_that_were_changed_meanwhile_proves_nothing(desk: Desk, worker_db: Database) -> None:
    account = connected(desk)
    with worker_db.line() as line:
        before = find(line, account)
    with desk.signed_in() as (session, owner):
        Connector(session, desk.settings, owner.as_actor(), owner.id).replace(account, {"twilio_auth_token": "x" * 32})
    with worker_db.line() as line:
        assert before
        assert not conclude(line, before, None)
    assert sender_of(desk)[1] == "+15005550006"


def test_credentials_are_sealed_for_one_account_and_gone_when_it_ends(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    account = connected(desk, worker_db)
    with worker_db.line() as line:
        kept = find(line, account)
    assert kept
    assert TOKEN.encode() not in kept.credentials
    own_settings = opened(desk.settings, kept)
    assert own_settings
    assert (own_settings.twilio_account_sid, own_settings.twilio_auth_token.get_secret_value()) == (SID, TOKEN)
    moved = Sealed(kept.id, kept.workspace_id, kept.provider, kept.name, kept.sender, sealed(desk.settings.secrets, new_id(), {}), kept.changed_at)
    assert opened(desk.settings, moved) is None
    disconnected(desk, account)
    assert rows(owner_db, "SELECT credentials FROM channel_account") == [(None,)]


def test_the_web_role_reads_no_credentials_not_even_a_deciders(desk: Desk, worker_db: Database) -> None:
    connected(desk, worker_db)
    with desk.signed_in() as (session, _), pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("SELECT credentials FROM channel_account"))
    with desk.signed_in() as (session, _), pytest.raises(InvalidRequestError):
        _ = session.scalars(select(ChannelAccount)).one().credentials
    with worker_db.transaction() as session:
        assert session.scalar(text("SELECT credentials IS NOT NULL FROM channel_account")) is True


WRITE = """
INSERT INTO channel_account (id, workspace_id, channel, provider, sender, name, lane, credentials, created_by)
VALUES (:id, :workspace, 'whatsapp', 'twilio', '+447400999001', :sid, :lane, 'x', :by)
"""
CHANGES = ["credentials = 'forged'", "ended_at = now(), credentials = NULL", "test_due = true"]


def inserted(session: Any, desk: Desk, person: UUID) -> None:
    """A row as somebody would write it who goes round the page."""
    account = new_id()
    lane = lane_of("whatsapp", "twilio", account)
    session.execute(text("INSERT INTO lane (id) VALUES (:lane)"), {"lane": lane})
    session.execute(text(WRITE), {"id": account, "workspace": desk.founded.workspace, "sid": SID, "lane": lane, "by": person})


def test_only_a_signed_in_decider_writes_one(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    connected(desk, worker_db)
    staff = joined(desk, owner_db, "Sam", Rank.STAFF)
    with pytest.raises(DBAPIError, match="row-level security"), desk.database.transaction(desk.founded.workspace) as session:
        inserted(session, desk, desk.founded.owner)
    with pytest.raises(DBAPIError, match="row-level security"), desk.signed_in(staff) as (session, _):
        inserted(session, desk, staff)
    with pytest.raises(DBAPIError, match="row-level security"), desk.signed_in(staff) as (session, _):
        inserted(session, desk, desk.founded.owner)
    before = rows(owner_db, "SELECT xmin, credentials FROM channel_account")
    for change in CHANGES:
        with desk.database.transaction(desk.founded.workspace) as session:
            session.execute(text(f"UPDATE channel_account SET {change} WHERE true"))
        with desk.signed_in(staff) as (session, _):
            session.execute(text(f"UPDATE channel_account SET {change} WHERE true"))
    assert rows(owner_db, "SELECT xmin, credentials FROM channel_account") == before
    with desk.signed_in() as (session, owner):
        inserted(session, desk, owner.id)


def test_nobody_but_the_worker_says_that_a_test_went_well(desk: Desk) -> None:
    connected(desk)
    with pytest.raises(DBAPIError, match="permission denied"), desk.signed_in() as (session, _):
        session.execute(text("UPDATE channel_account SET proved_at = now()"))


def test_another_workspace_finds_none_of_it(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    account = connected(desk, worker_db)
    with owner_db.transaction() as session:
        other = Desk(desk.database, desk.settings, found(session, "Elsewhere", "eve@example.com"))
    with other.signed_in() as (session, eve):
        assert own(session, desk.founded.workspace) == []
        connector = Connector(session, desk.settings, eve.as_actor(), eve.id)
        for deed in (connector.end, connector.test):
            with pytest.raises(NotFound):
                deed(account)


def test_no_answer_to_an_agent_holds_a_credential(desk: Desk, worker_db: Database) -> None:
    """Every reading operation that can be asked without arguments, with the widest key there is; the sender, as a control, is told."""
    connected(desk, worker_db)
    said = [answer for name, each in REGISTRY.items() if each.effect is Effect.READ and each.scope != "operate" for answer in _asked(desk, name)]
    assert len(said) > 20
    assert not [answer for answer in said if TOKEN in answer or "gAAAA" in answer]
    assert any(NUMBER in answer for answer in said)


def _asked(desk: Desk, name: str) -> list[str]:
    try:
        return [str(desk.run(name).model_dump(mode="json"))]
    except SaysoError:
        return []


def test_the_tools_say_whose_account_serves(desk: Desk, worker_db: Database) -> None:
    def told() -> Any:
        return next(each for each in desk.run("get_channel_health", channel="sms").items)  # type: ignore[attr-defined]  # the answer's own

    assert (told().account, told().status, told().note) == ("installation", "sandbox", None)
    account = connected(desk)
    assert (told().account, "under way" in told().note) == ("installation", True)
    judged(worker_db, "Twilio does not let this account in (HTTP 401).")
    assert ("not let in: Twilio" in told().note, told().account) == (True, "installation")
    disconnected(desk, account)
    connected(desk, worker_db)
    assert (told().account, told().provider, told().sender, told().status, told().note) == ("own", "twilio", NUMBER, "open", None)
    link: Any = desk.run("create_whatsapp_connect_link")
    assert re.search(r"/portal/settings/channels$", link.url)
    assert TWILIO.name not in str(link)
