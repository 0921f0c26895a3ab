"""How a worker waits for tickets: blocked on a wake list in Redis instead of asleep, and calm while Redis is away."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any, NamedTuple

import redis
from dramatiq import Message
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.brokers.redis import RedisBroker
from typing_extensions import override

from kernel import clock

log = logging.getLogger("sayso.wake")
SHORTEST_PAUSE = 0.05
LONGEST_PAUSE = 1.0

# One script, so that a ticket, its place in the queue and its wake token exist together or not at all. It writes Dramatiq's
# documented layout (a hash of messages, a list of ids). The bounds keep a Redis that no worker reads from filling up.
POST = """
for i = 1, #ARGV, 4 do
  local last, id, message = ARGV[i], ARGV[i + 2], ARGV[i + 3]
  local queue, wake = KEYS[1] .. ':' .. ARGV[i + 1], KEYS[1] .. ':wake:' .. ARGV[i + 1]
  local before = last ~= '' and redis.call('GET', last)
  if redis.call('LLEN', queue) < 1000 and not (before and redis.call('LPOS', queue, before)) then
    if last ~= '' then redis.call('SET', last, id, 'PX', 60000) end
    redis.call('HSET', queue .. '.msgs', id, message)
    redis.call('RPUSH', queue, id)
    redis.call('LPUSH', wake, 1)
    redis.call('LTRIM', wake, 0, 63)
    redis.call('PEXPIRE', wake, 5000)
  end
end
"""


class Post(NamedTuple):
    """A message for a queue; not posted while the one that the key `last` remembers still waits in it ('' = always posted)."""

    last: str
    queue: str
    id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Lines:
    """Three pools of connections to one Redis, because each may wait for a different time."""

    work: redis.Redis
    wake: redis.Redis
    ring: redis.Redis


class Outage:
    """Says once that Redis does not answer, and once that it is back."""

    def __init__(self, meanwhile: str) -> None:
        self._meanwhile = meanwhile
        self._lock = Lock()
        self._lasts = False

    @property
    def lasts(self) -> bool:
        """Whether the last word from Redis was an error."""
        return self._lasts

    def began(self, error: Exception) -> None:
        """Redis failed; the error's words stay out of the log, for they may hold its address."""
        with self._lock:
            known, self._lasts = self._lasts, True
        if not known:
            log.warning("Redis does not answer (%s); %s", type(error).__name__, self._meanwhile)

    def ended(self) -> None:
        """Redis answered."""
        if not self._lasts:
            return
        with self._lock:
            lasted, self._lasts = self._lasts, False
        if lasted:
            log.info("Redis answers again")


class WakeBroker(RedisBroker):
    """Dramatiq's Redis broker without delays, in which every message leaves a wake token beside it."""

    def __init__(self, lines: Lines, **options: object) -> None:
        super().__init__(client=lines.work, **options)  # type: ignore[no-untyped-call]  # Dramatiq leaves this one untyped
        self.lines = lines
        self.outage = Outage("the clock finds the work until it does")
        self._post = lines.work.register_script(POST)

    @property
    @override
    def consumer_class(self) -> type[WakeConsumer]:
        """The consumer that blocks instead of sleeping."""
        return WakeConsumer

    @override
    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue; without the delay queue beside it, which would cost a thread and a poll for nothing."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    @override
    def enqueue(self, message: Message[Any], *, delay: int | None = None) -> Message[Any]:
        """Enqueue now; what is due later is a row with `due_at`, never a delayed message."""
        if delay is not None:
            msg = "tickets are never delayed: write a row that is due later"
            raise ValueError(msg)
        return super().enqueue(message)

    def do_enqueue(self, queue_name: str, message_id: str, message: bytes) -> None:
        """What Dramatiq's own `enqueue` ends in."""
        self.post([Post("", queue_name, message_id, message)], self.lines.work)

    def post(self, posts: Iterable[Post], line: redis.Redis) -> None:
        """Leave messages and their wake tokens in one round trip."""
        self._post(keys=[self.namespace], args=[part for post in posts for part in post], client=line)

    @override
    def close(self) -> None:
        """Close every connection."""
        for line in (self.lines.work, self.lines.wake, self.lines.ring):
            line.close()


class WakeConsumer(Consumer):
    """Fetches tickets of one queue while there is room; with none to fetch it blocks until a token or `timeout`."""

    def __init__(self, broker: WakeBroker, queue_name: str, prefetch: int, timeout: int) -> None:
        self._broker = broker
        self._queue = queue_name
        self._prefetch = prefetch
        self._wait = timeout / 1000
        self._fetched: deque[bytes] = deque()
        self._held: set[str] = set()
        self._freed = Event()
        self._pause = SHORTEST_PAUSE

    @override
    def __next__(self) -> MessageProxy | None:
        """The next ticket, or None after a bounded wait."""
        if not self._fetched:
            self._refill()
        if not self._fetched:
            return None
        message: Message[Any] = Message.decode(self._fetched.popleft())
        self._held.add(message.message_id)
        return MessageProxy(message)

    def _refill(self) -> None:
        room = self._prefetch - len(self._held)
        if room <= 0:
            self._freed.wait(self._wait)
            self._freed.clear()
            return
        try:
            self._fetched.extend(found for found in self._broker.do_fetch(self._queue, room) if found)
            if not self._fetched:
                self._broker.lines.wake.blpop([f"{self._broker.namespace}:wake:{self._queue}"], timeout=self._wait)
        except redis.RedisError as error:
            self._sit_out(error)
        else:
            self._pause = SHORTEST_PAUSE
            self._broker.outage.ended()

    def _sit_out(self, error: redis.RedisError) -> None:
        # Raising would let Dramatiq reconnect too, but after 3 s and with a CRITICAL line per queue every time.
        self._broker.outage.began(error)
        clock.pause(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    @override
    def ack(self, message: MessageProxy) -> None:
        """Forget a ticket that was worked on."""
        self._settle(self._broker.do_ack, message)

    @override
    def nack(self, message: MessageProxy) -> None:
        """Put a ticket that no actor here knows aside."""
        self._settle(self._broker.do_nack, message)

    def _settle(self, settle: Callable[[str, str], None], message: MessageProxy) -> None:
        # Raising would make Dramatiq hold a worker thread until Redis returns, and no stop would end that. A ticket that was
        # not settled runs once more after this process has ended, and finds nothing to do.
        try:
            settle(self._queue, message.options["redis_message_id"])
        except redis.RedisError as error:
            self._broker.outage.began(error)
        finally:
            self._held.discard(message.message_id)
            self._freed.set()

    @override
    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Give tickets that were fetched and not begun back to the other processes."""
        ids = [message.options["redis_message_id"] for message in messages]
        if not ids:
            return
        try:
            self._broker.do_requeue(self._queue, *ids)
        except redis.RedisError as error:
            self._broker.outage.began(error)

    @override
    def close(self) -> None:
        """Give back what was fetched and not even looked at; Dramatiq's own consumer would keep it."""
        fetched, self._fetched = self._fetched, deque()
        self.requeue([MessageProxy(Message.decode(data)) for data in fetched])
