"""What an intent costs the business transaction that asks for it: the bare insert, the insert with an intent, the whole gated operation."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from approvals.gate import Draft, submit
from bench.ground import SENDER, Ground
from bench.intents import AGENT, PHONE, analyze, clear, open_owner
from crm.access.setup import found
from crm.contacts.tables import Account
from kernel.call import Call
from kernel.clock import now
from kernel.db import Database, raw
from kernel.keys import new_id
from kernel.roles import Role
from kernel.settings import Settings
from outbox.intents import Drafted, append
from outbox.kinds.sms import Sms
from outbox.snapshot import Snapshot

BLOCK = 150
Write = Callable[[Session, Settings, UUID], None]


def bare(session: Session, _settings: Settings, workspace: UUID) -> None:
    """One business row."""
    session.add(Account(id=new_id(), workspace_id=workspace, name="Mia"))


def with_intent(session: Session, settings: Settings, workspace: UUID) -> None:
    """The same and, in the same transaction, an intent that is held."""
    bare(session, settings, workspace)
    session.flush()
    draft = Drafted(new_id(), "sms:twilio", Snapshot(workspace, SENDER, Sms(to=PHONE, body="Your table is ready.")))
    append(raw(session), AGENT, [draft], settings.secrets)


def with_request(session: Session, settings: Settings, workspace: UUID) -> None:
    """The same and the whole gate: approval, manifest, sealed notice with its link to each decider, event and audit."""
    bare(session, settings, workspace)
    call = Call(session, AGENT, workspace, now(), settings)
    submit(call, "send_sms", [Draft(Sms(to=PHONE, body="Your table is ready."))])


KINDS: dict[str, Write] = {"bare insert": bare, "insert + intent": with_intent, "insert + request for approval": with_request}


def measure(ground: Ground, rounds: int) -> dict[str, list[float]]:
    """Transactions a second of each kind, as the web role behind row-level security; one block of each a round."""
    clear(ground)
    owner, web = open_owner(ground), ground.database(Role.WEB)
    with owner.transaction() as session:
        mine = found(session, "Writes", "writes@example.com").workspace
    analyze(ground)
    for write in KINDS.values():
        _block(web, ground.settings, mine, write)
    found_rates: dict[str, list[float]] = {name: [] for name in KINDS}
    for _ in range(rounds):
        for name, write in KINDS.items():
            found_rates[name].append(_block(web, ground.settings, mine, write))
    owner.close()
    web.close()
    return found_rates


def _block(web: Database, settings: Settings, workspace: UUID, write: Write) -> float:
    began = time.monotonic()
    for _ in range(BLOCK):
        with web.transaction(workspace=workspace) as session:
            write(session, settings, workspace)
    return BLOCK / (time.monotonic() - began)
