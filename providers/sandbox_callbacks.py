"""The sandbox's status callbacks: signed, and posted from one background thread with a few tries, as a real provider would."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress
from http import HTTPStatus
from queue import Full, Queue
from threading import Event, Lock, Thread
from typing import NamedTuple

from kernel import clock, keys, seal
from outbox.dispatch import Status
from providers.transport import Transport, TransportError

MOST_WAITING = 1000
PAUSES_S = (0.2, 1.0, 3.0)
JOIN_S = 2.0
STAMP_HEADER = "X-Sayso-Timestamp"
SIGNATURE_HEADER = "X-Sayso-Signature"


class Owed(NamedTuple):
    """One callback that is owed."""

    url: str
    ref: str
    reference: str
    status: Status
    reason: str = ""


def signature(secret: bytes, stamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over time, a full stop and the body, under a key of its own."""
    return hmac.new(seal.derived(secret, "sandbox-callback"), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_signed(secrets: list[bytes], stamp: str, body: bytes, signed: str) -> bool:
    """Whether one of the secrets made the signature."""
    return any(keys.same(signature(secret, stamp, body).encode(), signed.encode()) for secret in secrets)


class Callbacks:
    """A bounded queue and one daemon thread, started by the first callback; a full queue drops, as networks do."""

    def __init__(self, transport: Transport, secret: bytes) -> None:
        """The transport refuses every host but our own."""
        self._transport = transport
        self._secret = secret
        self._queue: Queue[list[Owed] | None] = Queue(MOST_WAITING)
        self._lock = Lock()
        self._stop = Event()
        self._thread: Thread | None = None

    def owe(self, callbacks: list[Owed]) -> None:
        """Post these, one after the other, soon."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="sandbox-callbacks", daemon=True)
                self._thread.start()
        self._put(callbacks)

    def close(self) -> None:
        """Stop; what is still owed is dropped."""
        self._stop.set()
        self._put(None)
        if self._thread is not None:
            self._thread.join(JOIN_S)
        self._transport.close()

    def _put(self, job: list[Owed] | None) -> None:
        with suppress(Full):
            self._queue.put_nowait(job)

    def _run(self) -> None:
        while (job := self._queue.get()) is not None and not self._stop.is_set():
            all(self._post(owed) for owed in job)

    def _post(self, owed: Owed) -> bool:
        """Whether it was taken; a later status is not worth posting when this one was not."""
        body = json.dumps({"ref": owed.ref, "reference": owed.reference, "status": owed.status, "reason": owed.reason}).encode()
        for pause in (*PAUSES_S, None):
            taken = self._try(owed.url, body)
            if taken is not None:
                return taken
            if pause is None or self._stop.wait(pause):
                break
        return False

    def _try(self, url: str, body: bytes) -> bool | None:
        """True: taken; False: refused; None: worth another try. Each try is signed anew, so that it is never too old."""
        stamp = str(int(clock.now().timestamp()))
        headers = {"Content-Type": "application/json", STAMP_HEADER: stamp, SIGNATURE_HEADER: signature(self._secret, stamp, body)}
        try:
            status = self._transport.post(url, body, headers).status
        except TransportError:
            return None
        return None if status >= HTTPStatus.INTERNAL_SERVER_ERROR else status < HTTPStatus.MULTIPLE_CHOICES
