"""Posts webhooks: a thread looks for addresses with something due, and a few hands serve one address each, one post after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from uuid import UUID

import rfc8785

from kernel import clock
from kernel.db import Database
from kernel.keys import show
from kernel.seal import unseal
from outbox.posts import Heard, Post, record, take, waiting
from providers.hooks import post as dial
from providers.hooks import signed
from providers.transport import Answer, TransportError
from workers.rounds import Rounds

log = logging.getLogger("sayso.hooks")
HANDS = 4
PERIOD = 1.0
AT_A_TIME = 200
"""Posts of one address in a row: after that another address may have the hand."""
Dial = Callable[[str, bytes, Mapping[str, str]], Answer]


class Hooks:
    """Serves every address that has something due; a slow or dead one holds one hand and nobody else."""

    def __init__(self, database: Database, secrets: Sequence[bytes], call: Dial = dial) -> None:
        """The database must be the worker role's; `secrets` open the addresses' own."""
        self._database = database
        self._secrets = secrets
        self._call = call
        self._busy: set[UUID] = set()
        self._choosing = Lock()
        self._stopped = Event()
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="hooks")
        self._rounds = Rounds("hooks", PERIOD, self.look)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """Begin no more; tries under way end and are recorded."""
        self._stopped.set()
        self._rounds.stop()
        self._hands.shutdown()

    @property
    def is_busy(self) -> bool:
        """Whether any address is being served."""
        with self._choosing:
            return bool(self._busy)

    def look(self) -> None:
        """Give every address with something due a hand, as far as there are any."""
        with self._choosing:
            free = HANDS - len(self._busy)
            with self._database.line() as line:
                found = waiting(line, self._busy, free) if free else []
            self._busy.update(found)
        for hook in found:
            self._hands.submit(self._serve, hook)

    def _serve(self, hook: UUID) -> None:
        try:
            for _ in range(AT_A_TIME):
                if self._stopped.is_set() or not self._try_next(hook):
                    return
        except Exception as fault:  # noqa: BLE001 - the post falls due again; the fault's words may quote what was posted
            log.warning("serving %s failed (%s)", show("hok", hook), type(fault).__name__)
        finally:
            with self._choosing:
                self._busy.discard(hook)

    def _try_next(self, hook: UUID) -> bool:
        """One try; False when nothing is due, or when the address did not take it."""
        with self._database.line() as line:
            post = take(line, hook)
        if post is None:
            return False
        try:
            heard = self._heard(post)
        except Exception as bug:  # noqa: BLE001 - a try like any other, given up in the end; the bug's words may quote what was posted
            heard = Heard(None, f"It could not be posted ({type(bug).__name__}).")
        with self._database.line() as line:
            return record(line, post, heard).state == "taken"

    def _heard(self, post: Post) -> Heard:
        sealed = [post.secret, *([post.old_secret] if post.old_secret else [])]
        keys = [secret.decode() for secret in (unseal(self._secrets, each) for each in sealed) if secret]
        if not keys:
            return Heard(None, "Its secret cannot be opened: the secret key was changed. Give it a new one.")
        body = body_of(post)
        headers = {"content-type": "application/json", **signed(keys, show("evt", post.event_id), clock.now(), body)}
        try:
            answer = self._call(post.url, body, headers)
        except TransportError as fault:
            return Heard(None, fault.reason)
        return Heard(answer.status, wish=_wish(answer))


def body_of(post: Post) -> bytes:
    """The same bytes at every try: `{"data", "timestamp", "type"}` as Standard Webhooks has it, in canonical JSON (RFC 8785)."""
    data = {"id": show("evt", post.event_id), "subject": post.subject, **post.data}
    return rfc8785.dumps({"type": post.type, "timestamp": post.at.isoformat(), "data": data})


def _wish(answer: Answer) -> float:
    """The seconds of a Retry-After (RFC 9110 §10.2.3); a date is not heeded."""
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else 0
