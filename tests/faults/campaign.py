"""A campaign to thousands, with a gap for the name: approved once, paced, while workers are killed and people opt out; reconciled at its end.

    ./dev campaign-soak [--many 2000] [--kills 20]

prints one line of figures, and ends with 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from embedded.servers import Servers
from kernel.clock import monotonic
from kernel.keys import show
from kernel.roles import Role
from providers.transport import CONNECT_S, CONNECT_SHARE
from tests.approvals.crowds import campaign, due, meet
from tests.fixtures.nursery import Child, Nursery
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.waiting import until

SLOTS = 4
RATE, BURST = 100, 8
STEP_S = 60.0
GRACE_S = 0.25
"""A claim takes its tokens a moment before its calls begin: so far two of them may seem closer than they are."""
PACE = f"UPDATE lane SET rate = {RATE}, burst = {BURST}, tokens = 0 WHERE id = 'sms:twilio'"
NAMES = "UPDATE account SET first_name = (ARRAY['Ada', 'Bea', 'Cleo', 'Dora', 'Eve', 'Fay', 'Gil'])[1 + get_byte(uuid_send(id), 15) % 7], name = 'Guest'"
WORDS = "Dear {{first_name}}, two for one on Monday."
STOOD = """
SELECT i.id::text, c.recipient, d.state, a.first_name FROM approval_item t JOIN intent i ON i.id = t.intent_id JOIN content c ON c.intent_id = i.id
JOIN every_delivery d ON d.intent_id = i.id JOIN account a ON a.phone = c.recipient WHERE t.approval_id = :approval
"""
CROWDED = """
WITH call AS (SELECT started_at AS at FROM attempt WHERE source = 'call')
SELECT coalesce(max((SELECT count(*) FROM call o WHERE o.at >= c.at AND o.at < c.at + interval '1 s')), 0) FROM call c
"""
LATE = """
SELECT count(*) FROM suppression s JOIN content c ON c.recipient = s.recipient JOIN attempt a ON a.intent_id = c.intent_id
WHERE a.source = 'call' AND a.started_at > s.at + interval '50 ms'
"""
DOUBTS = "SELECT count(*) FILTER (WHERE source = 'lease'), count(*) FILTER (WHERE source = 'call') FROM attempt WHERE outcome = 'unsure'"
UNHURRIED = {"SAYSO_CALL_SECONDS": "5", "SAYSO_LEASE_SECONDS": "8"}
"""A busy machine answers late, and what is answered late is in doubt too."""
HASTY = "SELECT count(*) FROM attempt WHERE outcome = 'unsure' AND source = 'call' AND at < started_at + make_interval(secs => :given)"
"""An answer is late when its call had waited for it as long as it may; what is in doubt sooner is in doubt without need."""
ROUNDING_S = 0.1
TAKEN = {"sent", "delivered", "in_doubt"}


@dataclass
class Result:
    """What a campaign came to."""

    many: int
    deaths: int
    seconds: dict[str, float] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    busiest: int = 0
    dead_calls: int = 0
    late_answers: int = 0
    broken: list[str] = field(default_factory=list)
    duplicates: int = 0
    lost: int = 0

    def line(self) -> str:
        """The figures."""
        times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        doubts = f"in doubt of the dead {self.dead_calls} of at most {self.deaths * SLOTS}, of late answers {self.late_answers}"
        bound = f"{doubts}, busiest second {self.busiest} of {RATE + BURST}"
        return f"{self.many} recipients, {self.deaths} kills: {times}; {states}; {bound}; duplicates {self.duplicates}, lost {self.lost}"


def begun(stage: Stage, many: int, result: Result) -> UUID:
    """Ask for it and approve it once; the time for an undo is over when this returns."""
    stage.execute(PACE)
    accounts = meet(stage.desk, stage.pools[Role.OWNER], many)
    assert len(accounts) == many
    stage.execute(NAMES)
    started = monotonic()
    pending = campaign(stage.desk, body=WORDS)
    result.seconds["asked"], started = monotonic() - started, monotonic()
    stage.desk.decide(pending)
    result.seconds["approved"] = monotonic() - started
    stage.hush()
    due(stage.pools[Role.OWNER])
    return pending.approval_id


def run(stage: Stage, many: int, kills: int, defect: str = "") -> Result:
    """Send it while a worker dies every so often, and somebody opts out at each death; then compare every row with what the provider took.

    `defect` switches one defence of the clock off.
    """
    result = Result(many, kills)
    approval = begun(stage, many, result)
    started = monotonic()
    stage.start("clock", TEST_DEFECT=defect)
    worker = stage.start("worker")
    shown = [_report(stage, approval)]
    for turn in range(1, kills + 1):
        worker = _kill(stage, worker, many * turn // (kills + 1))
        stage.desk.run("set_consent", accountId=show("acc", UUID(int=many - turn)), channel="sms", consent=False)
        shown.append(_report(stage, approval))
    stage.settle(STEP_S + many / RATE * 4)
    result.seconds["sent"] = monotonic() - started
    _reconcile(stage, approval, result, shown)
    return result


def _kill(stage: Stage, worker: Child, taken: int) -> Child:
    until(lambda: len(stage.entries()) >= taken, STEP_S, "it does not get on")
    worker.kill()
    return stage.start("worker")


def _report(stage: Stage, approval: UUID) -> dict[str, int]:
    """How far it is, as the agent is told."""
    told: Any = stage.desk.run("get_campaign_report", approvalId=show("apr", approval))
    states: dict[str, int] = told.states
    return states


def _reconcile(stage: Stage, approval: UUID, result: Result, shown: list[dict[str, int]]) -> None:
    stood = {intent: (recipient, state, name) for intent, recipient, state, name in stage.execute(STOOD, approval=approval)}
    entries = stage.entries()
    heard = Counter(stage.intent_of(entry) for entry in entries)
    result.states = _report(stage, approval)
    result.busiest = stage.execute(CROWDED)[0][0]
    result.dead_calls, result.late_answers = stage.execute(DOUBTS)[0]
    result.duplicates = sum(count - 1 for count in heard.values())
    result.lost = sum(state in TAKEN - {"in_doubt"} and intent not in heard for intent, (_, state, _) in stood.items())
    done = [sum(states.get(one, 0) for one in TAKEN) for states in shown]
    wrong = [entry for entry in entries if stood[stage.intent_of(entry) or ""][::2] != (entry.recipient, (entry.text or "")[5:].partition(",")[0])]
    call_s = stage.settings.call_seconds
    waits_s = call_s - min(CONNECT_S, call_s * CONNECT_SHARE) - ROUNDING_S
    promises = {
        "somebody was messaged twice": result.duplicates,
        "what was said to be sent never arrived": result.lost,
        "somebody was messaged who stands as not": [one for one in heard if stood[one or ""][1] not in TAKEN],
        "somebody got another one's words": wrong,
        "more is in doubt than could be": result.dead_calls > result.deaths * SLOTS
        or result.states.get("in_doubt", 0) > result.dead_calls + result.late_answers,
        "a call is in doubt that had not had its time": stage.execute(HASTY, given=waits_s)[0][0],
        "more answers were late than there was time for": result.late_answers * waits_s > SLOTS * result.seconds["sent"],
        "the receipts do not say what stands": Counter(state for _, state, _ in stood.values()) != Counter(result.states),
        "somebody has no receipt": len(stood) != result.many,
        "nobody who opted out was left out": result.deaths and not result.states.get("suppressed"),
        "somebody was called after they opted out": stage.execute(LATE)[0][0],
        "progress went back": done != sorted(done),
        "it went faster than its lane": result.busiest > RATE * (1 + GRACE_S) + BURST,
    }
    result.broken = [f"{promise}: {found if isinstance(found, int) else len(found)}" for promise, found in promises.items() if found]


def _stage(servers: Servers, nursery: Nursery, home: Path) -> AbstractContextManager[Stage]:
    return stage_on(ground(servers, 1), nursery, home / "play", SAYSO_SLOTS=str(SLOTS), **UNHURRIED)


def main() -> None:
    """One campaign, on servers of its own."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--many", type=int, default=2000)
    asked.add_argument("--kills", type=int, default=20)
    given = asked.parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="sayso-campaign-") as home:
        Path(home).chmod(0o711)
        with Servers(Path(home) / "servers") as servers, Nursery() as nursery, _stage(servers, nursery, Path(home)) as stage:
            result = run(stage, given.many, given.kills)
    sys.stdout.write(f"{result.line()}\n")
    sys.stdout.writelines(f"  {words}\n" for words in result.broken)
    sys.exit(1 if result.broken else 0)


if __name__ == "__main__":
    main()
