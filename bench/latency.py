"""From a person's yes to the request at the provider, idle and at a pace, beside peers that are woken by LISTEN/NOTIFY or by Redis."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen
from uuid import UUID

from approvals.decide import decide
from approvals.gate import Draft, submit
from approvals.people import Person
from approvals.requests import Pending
from approvals.votes import Decision
from bench.contenders import Contender, dramatiq, ours, peers
from bench.drains import working
from bench.ground import Ground
from bench.intents import AGENT, PHONE, clear, open_owner
from crm.access.sessions import begin
from crm.access.setup import found
from kernel.call import Call
from kernel.clock import now
from kernel.db import Database, after_commit
from kernel.keys import token_hash
from kernel.roles import Role
from kernel.settings import CHECKOUT
from outbox.kinds.sms import Sms
from processes.parts import close_broker, open_broker

IDLE_RATE, BUSY_RATE = 4.0, 50.0
SETTLE_S = 2.5
WARM = 10
OURS_FROM_COMMIT = "Sayso, from the commit of the decision"
OURS_WHOLE = "Sayso, the decision itself included"


@dataclass(frozen=True)
class Pace:
    """How many, how fast."""

    name: str
    jobs: int
    rate: float


def arrivals(ground: Ground) -> dict[str, int]:
    """When each message reached the provider, in monotonic nanoseconds; asked once, then forgotten."""
    with urlopen(f"{ground.stub}/arrivals") as answer:
        return {text: moment for moment, text in json.load(answer)}


def _delays(asked: dict[str, int], came: dict[str, int]) -> list[float]:
    """Milliseconds, of all but the first few; what never came counts as a minute."""
    return [max(0.0, (came.get(text, moment + 60_000_000_000) - moment) / 1e6) for text, moment in list(asked.items())[WARM:]]


def theirs(ground: Ground, contender: Contender, paces: list[Pace], peers_python: Path) -> dict[str, list[float]]:
    """A peer: from the return of its own commit (plain Dramatiq: of its send) to the request at the stub."""
    told = ground.environment(contender.mode)
    fill = [*contender.fill[:-1], "0"]
    subprocess.run([str(peers_python), *fill], cwd=CHECKOUT, env=told, capture_output=True, check=True)
    found_delays = {}
    with working(ground, contender, peers_python):
        time.sleep(SETTLE_S)
        for pace in paces:
            arrivals(ground)
            words = [str(peers_python), *contender.fill[:2], "trickle", str(pace.jobs + WARM), str(pace.rate)]
            said = subprocess.run(words, cwd=CHECKOUT, env=told, capture_output=True, text=True, check=True).stdout
            found_delays[pace.name] = _delays(json.loads(said.splitlines()[-1]), arrivals(ground))
    return found_delays


@dataclass(frozen=True)
class SignedIn:
    """Who decides: the workspace, the person, and the hash of the session's token."""

    workspace: UUID
    person: UUID
    credential: bytes


@contextmanager
def _decider(ground: Ground, jobs: int) -> Iterator[tuple[Database, SignedIn, list[Pending]]]:
    """A web process's parts with so many requests that wait for a yes."""
    clear(ground)
    owner, web = open_owner(ground), ground.database(Role.WEB)
    broker = open_broker(ground.settings)
    with owner.transaction() as session:
        mine = found(session, "Latency", "latency@example.com")
        token = begin(session, session.get_one(Person, mine.owner), "portal", now())
    waiting = []
    for number in range(jobs):
        with web.transaction(workspace=mine.workspace) as session:
            call = Call(session, AGENT, mine.workspace, now(), ground.settings)
            waiting.append(submit(call, "send_sms", [Draft(Sms(to=PHONE, body=f"slow-{number}"))]))
    with ground.line("sayso") as line:
        line.execute("UPDATE delivery SET state = 'cancelled' WHERE lane LIKE 'email:%'")
        line.execute("ALTER TABLE grants ENABLE TRIGGER grant_needs_say_so")
        line.execute("VACUUM ANALYZE")
        yield web, SignedIn(mine.workspace, mine.owner, token_hash(token)), waiting
        line.execute("ALTER TABLE grants DISABLE TRIGGER grant_needs_say_so")
    close_broker(broker)
    owner.close()
    web.close()


def ours_from_yes(ground: Ground, paces: list[Pace], peers_python: Path) -> dict[str, dict[str, list[float]]]:
    """The full path: decide, ring, ticket, tick, SDK, stub."""
    found_delays: dict[str, dict[str, list[float]]] = {OURS_FROM_COMMIT: {}, OURS_WHOLE: {}}
    with _decider(ground, sum(pace.jobs + WARM for pace in paces)) as (web, mine, waiting), working(ground, ours("sdk", 1), peers_python):
        time.sleep(SETTLE_S)
        numbers = iter(enumerate(waiting))
        for pace in paces:
            arrivals(ground)
            begun: dict[str, int] = {}
            durable: dict[str, int] = {}
            chance = random.Random(7)
            for _ in range(pace.jobs + WARM):
                time.sleep(chance.uniform(0.5, 1.5) / pace.rate)
                number, pending = next(numbers)
                begun[f"slow-{number}"] = time.monotonic_ns()
                durable[f"slow-{number}"] = _say_yes(web, mine, pending)
            time.sleep(1)
            came = arrivals(ground)
            found_delays[OURS_FROM_COMMIT][pace.name] = _delays(durable, came)
            found_delays[OURS_WHOLE][pace.name] = _delays(begun, came)
    return found_delays


def _say_yes(web: Database, mine: SignedIn, pending: Pending) -> int:
    """Decide; answers the moment of its commit, before the bell is rung."""
    moment: list[int] = []
    with web.transaction(mine.workspace, mine.credential) as session:
        after_commit(session, lambda: moment.append(time.monotonic_ns()))
        decide(session, session.get_one(Person, mine.person), Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
    return moment[0]


def measure(ground: Ground, peers_python: Path, *, quick: bool) -> dict[str, dict[str, list[float]]]:
    """Delays by contender and pace; everybody gets the same random gaps."""
    paces = [Pace("idle", 10 if quick else 40, IDLE_RATE), Pace("50/s", 100 if quick else 300, BUSY_RATE)]
    found_delays = ours_from_yes(ground, paces, peers_python)
    woken = {"PgQueuer"} if quick else {"PgQueuer", "procrastinate"}
    others = [peer for peer in peers("sdk") if peer.name in woken] + ([] if quick else [dramatiq("plain", "sdk", 1)])
    for peer in others:
        found_delays[peer.name] = theirs(ground, peer, paces, peers_python)
    return found_delays
