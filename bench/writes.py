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

TURNS, SLICE = 15, 10
"""In a round each kind has so many turns of so many transactions: short ones, so that a burst of other work hits all kinds alike."""
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
    """Transactions a second of each kind, as the web role behind row-level security; turn by turn within a round."""
    clear(ground)
    owner, web = open_owner(ground), ground.database(Role.WEB)
    with owner.transaction() as session:
        mine = found(session, "Writes", "writes@example.com").workspace
    found_rates: dict[str, list[float]] = {name: [] for name in KINDS}
    # The first round warms up; the statistics are then those of tables that hold something, as a running system has them.
    _round(web, ground.settings, mine)
    analyze(ground)
    for _ in range(rounds):
        for name, rate in _round(web, ground.settings, mine).items():
            found_rates[name].append(rate)
    owner.close()
    web.close()
    return found_rates


def _round(web: Database, settings: Settings, workspace: UUID) -> dict[str, float]:
    spent = dict.fromkeys(KINDS, 0.0)
    for _ in range(TURNS):
        for name, write in KINDS.items():
            spent[name] += _slice(web, settings, workspace, write)
    return {name: TURNS * SLICE / seconds for name, seconds in spent.items()}


def _slice(web: Database, settings: Settings, workspace: UUID, write: Write) -> float:
    began = time.monotonic()
    for _ in range(SLICE):
        with web.transaction(workspace=workspace) as session:
            write(session, settings, workspace)
    return time.monotonic() - began
