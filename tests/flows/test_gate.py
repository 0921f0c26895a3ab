"""From asking to sending, with the memory provider: the promises about the gate, each shown once."""

from __future__ import annotations

from approvals.decide import Decision, decide
from approvals.people import Person
from crm.access.setup import Founded
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.operation import find, validated
from kernel.settings import Settings
from outbox import sends
from providers.memory import Memory
from workers.calls import Calls
from workers.drain import Drains


def ask(db: Database, settings: Settings, founded: Founded, name: str, **arguments: object) -> object:
    with db.transaction(workspace=founded.workspace) as session:
        call = Call(session, Caller("agent", founded.key.id, "first agent", frozenset({"messaging"})), founded.workspace, now(), settings)
        op = find(name)
        return op.run(call, validated(op, dict(arguments)))


def test_a_send_is_held_until_approved_and_then_leaves_once(web_db: Database, worker_db: Database, settings: Settings, founded: Founded) -> None:
    pending = ask(web_db, settings, founded, "send_sms", to="+447400123456", body="Your table is ready.")
    memory = Memory()
    drains = Drains(worker_db, Calls(settings, {"sandbox": memory}))
    drains.drain("sms:sandbox")
    assert memory.ledger == []
    with web_db.transaction(workspace=founded.workspace) as session:
        owner = session.get_one(Person, founded.owner)
        decide(session, owner, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
    drains.drain("sms:sandbox")
    drains.drain("sms:sandbox")
    assert len(memory.ledger) == 1
    with web_db.transaction(workspace=founded.workspace) as session:
        found = sends.find(session, founded.workspace, pending.intent_ids)[0]
    assert (found.state, found.attempts, found.digest, found.digest_sent) == ("sent", 1, pending.digest, pending.digest)
