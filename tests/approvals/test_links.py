"""Links: counters survive a refusal, five tries in all even at once, and nothing but a decision ends a pending request."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from approvals.decide import AlreadyDecided, DigestChanged
from approvals.links import CodeLocked, Envelope, Invitation, LinkEnded, LinkUnknown, Presented, WrongCode, decide_by_link, invite
from approvals.people import Person
from approvals.requests import Pending
from approvals.tables import Approval, Link
from approvals.votes import Decision
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.keys import token_hash
from tests.factories import Bench, Desk


def invited(desk: Desk, pending: Pending) -> Invitation:
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        approval = session.get_one(Approval, pending.approval_id)
        owner = session.get_one(Person, desk.founded.owner)
        return invite(session, desk.settings.secret, approval, owner, Envelope(approval.expires_at))


def press(desk: Desk, pending: Pending, invitation: Invitation, *, code: str = "", digest: str = "") -> None:
    with desk.database.transaction(credential=token_hash(invitation.token)) as session:
        decision = Decision(pending.approval_id, bytes.fromhex(digest or pending.digest), "approved", "link")
        decide_by_link(session, desk.settings.secrets, Presented(invitation.token, code or invitation.code), decision)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def tries(database: Database, invitation: Invitation) -> int:
    with database.transaction() as session:
        return session.scalars(select(Link.tries).where(Link.token_hash == token_hash(invitation.token))).one()


def test_the_right_code_decides_and_the_link_is_dead(desk: Desk, bench: Bench) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    press(desk, pending, invitation)
    bench.drain()
    assert len(bench.memory.ledger) == 1
    with pytest.raises(AlreadyDecided, match="Olivia approved this"):
        press(desk, pending, invitation)


def test_fifty_wrong_codes_at_once_get_five_tries_between_them(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)

    def guess(_: int) -> str:
        try:
            press(desk, pending, invitation, code=wrong(invitation.code))
        except SaysoError as refused:
            return refused.code
        return "decided"

    with ThreadPoolExecutor(25) as crowd:
        answers = Counter(crowd.map(guess, range(50)))
    assert answers == {"wrong_code": 5, "code_locked": 45}
    assert tries(owner_db, invitation) == 5
    with pytest.raises(CodeLocked):
        press(desk, pending, invitation)
    assert desk.send(pending).state == "held"


def test_a_refusal_that_does_not_keep_writes_nothing(desk: Desk, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of `keeps`: without it the counter is rolled back with the refusal."""
    pending = desk.ask()
    invitation = invited(desk, pending)
    monkeypatch.setattr(WrongCode, "keeps", False)
    with pytest.raises(WrongCode):
        press(desk, pending, invitation, code=wrong(invitation.code))
    assert tries(owner_db, invitation) == 0


def test_an_altered_digest_decides_nothing(desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    with pytest.raises(DigestChanged):
        press(desk, pending, invitation, digest="00" * 32)
    assert desk.send(pending).state == "held"


def test_a_forged_or_foreign_link_is_unknown(desk: Desk) -> None:
    one, other = desk.ask("One."), desk.ask("Two.")
    invitation = invited(desk, one)
    with pytest.raises(LinkUnknown):
        press(desk, one, Invitation("A" * 22, invitation.code))
    with pytest.raises(LinkUnknown):
        press(desk, other, invitation)


def test_an_expired_link_ends_while_the_request_stays_pending(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE link SET expires_at = now() - interval '1 s'"))
    with pytest.raises(LinkEnded):
        press(desk, pending, invitation)
    assert desk.send(pending).state == "held"


def test_neither_token_nor_code_is_stored(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    with owner_db.transaction() as session:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        dump = "\n".join(str(session.execute(text(f'SELECT t::text FROM "{table}" t')).all()) for table in tables)
    assert invitation.token not in dump
    assert f"code: {invitation.code}" not in dump
