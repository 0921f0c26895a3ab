"""Tickets, the messages of Dramatiq: one per lane that has work, carrying nothing but its name."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from threading import Lock
from typing import Any

import dramatiq
import redis

from kernel import clock
from kernel.keys import new_id
from outbox.wake import INBOX
from workers.wake import Outage, Post, WakeBroker

log = logging.getLogger("sayso.tickets")
LANES = "lanes"
DRAIN = "drain"
RECEIVE = "receive"
SENDING_SECONDS = 0.05
QUIET_SECONDS = 1.0


class Tickets:
    """Rings for lanes, best effort: one waiting ticket per lane, and one caller at a time who sends for all."""

    def __init__(self, broker: WakeBroker) -> None:
        self._broker = broker
        self._outage = Outage("no tickets are sent; the clock finds the work")
        self._lock = Lock()
        self._wanted: set[str] = set()
        self._sending = False
        self._quiet_until = 0.0

    def ring(self, lanes: Collection[str]) -> None:
        """Leave a ticket for each lane that has none waiting; never raises, returns within 0.3 s, at once while Redis is away."""
        if clock.monotonic() < self._quiet_until:
            return
        with self._lock:
            self._wanted.update(lanes)
            if self._sending:
                return  # whoever is sending takes these lanes along
            self._sending = True
        enough = clock.monotonic() + SENDING_SECONDS
        try:
            while batch := self._next_batch(enough):
                self._send(batch)
        except BaseException:
            self._sending = False  # else this process would never ring again
            raise

    def _next_batch(self, enough: float) -> set[str]:
        # Whoever sends for others has a caller waiting too; lanes left behind go with the next ring, or with the clock.
        with self._lock:
            self._sending = bool(self._wanted) and self._quiet_until <= clock.monotonic() < enough
            batch: set[str] = set()
            if self._sending:
                batch, self._wanted = self._wanted, batch
            return batch

    def _send(self, lanes: set[str]) -> None:
        try:
            self._broker.post([_post(self._broker, lane) for lane in sorted(lanes)], self._broker.lines.ring)
        except (redis.RedisError, OSError) as error:
            self._quiet_until = clock.monotonic() + QUIET_SECONDS
            self._outage.began(error)
        except Exception:
            log.exception("a ring was lost; the clock makes up for it")
        else:
            self._outage.ended()


def declare(broker: WakeBroker, *, drain: Callable[[str], None], receive: Callable[[], None]) -> None:
    """Declare the two actors: `drain` for lanes, `receive` for the inbox, which goes first when a thread is free."""

    def on_lane(lane: str) -> None:
        _answer(lane, lambda: drain(lane))

    def on_inbox() -> None:
        _answer(INBOX, receive)

    dramatiq.actor(broker=broker, actor_name=DRAIN, queue_name=LANES, priority=1)(on_lane)
    dramatiq.actor(broker=broker, actor_name=RECEIVE, queue_name=INBOX, priority=0)(on_inbox)


def _post(broker: WakeBroker, lane: str) -> Post:
    queue, actor, args = (INBOX, RECEIVE, ()) if lane == INBOX else (LANES, DRAIN, (lane,))
    ticket = str(new_id())
    message: dramatiq.Message[Any] = dramatiq.Message(
        queue_name=queue, actor_name=actor, args=args, kwargs={}, options={"redis_message_id": ticket}, message_id=ticket
    )
    return Post(f"{broker.namespace}:ticket:{lane}", queue, ticket, message.encode())


def _answer(lane: str, body: Callable[[], None]) -> None:
    try:
        body()
    except Exception as error:  # noqa: BLE001 - `_report` logs it without its words; the clock rings again
        _report(lane, error)


def _report(lane: str, error: Exception) -> None:
    # Not the traceback: an error's words may quote a customer's number or message.
    spot = traceback.extract_tb(error.__traceback__)[-1]
    log.error("work on lane %s failed: %s at %s:%s", lane, type(error).__name__, Path(spot.filename).name, spot.lineno)
