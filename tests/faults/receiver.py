"""The receiver under load: Stripe's signed events at a fixed rate, the web process killed in the middle; every event answered 2xx is in the inbox.

./dev receiver            200 events a second for 30 s, two kills; prints figures, ends with 1 when an answered event is missing
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import httpx2

from embedded.servers import Servers
from kernel import clock
from tests.fixtures.nursery import Nursery
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.webhooks import WHSEC, stripe_inbound

HANDS = 32
OK = 300


@dataclass(frozen=True)
class Plan:
    """How many events, how fast, and how often the process is killed."""

    rate: int = 200
    seconds: int = 30
    kills: int = 2

    @property
    def events(self) -> int:
        """In all."""
        return self.rate * self.seconds


@dataclass
class Tally:
    """What was answered, and how long each answer took."""

    answered: set[str] = field(default_factory=set)
    took: list[float] = field(default_factory=list)
    unanswered: int = 0
    refused: int = 0
    lock: Lock = field(default_factory=Lock)

    def note(self, key: str, status: int | None, took: float) -> None:
        """One more."""
        with self.lock:
            if status is None or status >= OK:
                self.unanswered += 1
                self.refused += status is not None and status < 500
                return
            self.answered.add(key)
            self.took.append(took)

    def at(self, share: float) -> float:
        """The time within which such a share was answered, in milliseconds."""
        return 1000 * sorted(self.took)[min(len(self.took) - 1, int(share * len(self.took)))]


@contextmanager
def _stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="sayso-receiver-") as home, Nursery() as nursery:
        Path(home).chmod(0o711)
        with Servers(Path(home)) as servers, stage_on(ground(servers, 1), nursery, Path(home) / "stage", STRIPE_WEBHOOK_SECRET=WHSEC) as stage:
            yield stage


def run(plan: Plan) -> tuple[Tally, int]:
    """Post them all; the tally, and how many answered ones the inbox does not hold."""
    limits = httpx2.Limits(max_connections=HANDS, max_keepalive_connections=HANDS)
    with _stage() as stage:
        tally = Tally()
        with httpx2.Client(base_url=stage.settings.base_url, timeout=10, limits=limits) as http, ThreadPoolExecutor(HANDS) as hands:
            _stream(plan, stage, lambda key: hands.submit(_post, http, tally, key))
        stored = {key for (key,) in stage.execute("SELECT key FROM inbox WHERE provider = 'stripe'")}
        return tally, len(tally.answered - stored)


def _stream(plan: Plan, stage: Stage, post: Callable[[str], object]) -> None:
    """Each event in its time; the web process is killed at even distances, and started again before the next."""
    web, began = stage.start("web"), clock.monotonic()
    fatal = {plan.events * (kill + 1) // (plan.kills + 1) for kill in range(plan.kills)}
    for place in range(plan.events):
        clock.pause(max(0.0, began + place / plan.rate - clock.monotonic()))
        post(f"evt_{place}")
        if place in fatal:
            web.kill()
            web = stage.start("web")
            began = clock.monotonic() - place / plan.rate


def _post(http: httpx2.Client, tally: Tally, key: str) -> None:
    event = {"id": key, "object": "event", "type": "invoice.paid", "created": 1_780_000_000, "data": {"object": {"id": "in_1", "filler": "x" * 3000}}}
    inbound = stripe_inbound(json.dumps(event))
    began = clock.monotonic()
    try:
        status: int | None = http.post("/webhooks/stripe", content=inbound.body, headers=dict(inbound.headers)).status_code
    except httpx2.TransportError:
        status = None
    tally.note(key, status, clock.monotonic() - began)


def main() -> None:
    """Run it, and say how it went."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rate", type=int, default=200)
    asked.add_argument("--seconds", type=int, default=30)
    asked.add_argument("--kills", type=int, default=2)
    given = asked.parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    plan = Plan(given.rate, given.seconds, given.kills)
    tally, lost = run(plan)
    times = ", ".join(f"p{share * 100:g} {tally.at(share):.1f} ms" for share in (0.5, 0.95, 0.99))
    sys.stdout.write(f"{plan.events} events at {plan.rate}/s, {plan.kills} kills: {len(tally.answered)} answered 2xx, {tally.unanswered} not; {times}\n")
    sys.stdout.write(f"answered and not in the inbox: {lost}; refused: {tally.refused}\n")
    sys.exit(1 if lost or tally.refused else 0)


if __name__ == "__main__":
    main()
