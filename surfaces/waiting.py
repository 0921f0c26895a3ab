"""`waitSeconds`: keeps a caller waiting for a newer answer while holding neither a thread nor a connection."""

from __future__ import annotations

from functools import partial
from typing import Any

import anyio

from kernel import clock
from kernel.errors import Unavailable
from kernel.operation import Effect, find
from surfaces.auth import Known
from surfaces.door import Door
from surfaces.invoke import Done, invoke, look_again, renew

INTERVAL = 0.25


async def settled(door: Door, known: Known, name: str, raw: dict[str, Any]) -> Done:
    """Call the operation, and look again until its answer is no longer waiting or the caller's patience ends."""
    door.pace.take(known.caller)
    done = await door.step(partial(invoke, door, known.caller, known.workspace, name, raw))
    until = clock.monotonic() + done.patience
    while done.is_waiting() and (left := until - clock.monotonic()) > 0:
        await anyio.sleep(min(INTERVAL, left))
        again = partial(look_again, door, known.caller, known.workspace, name, raw)
        look = again if _is_read(name) else partial(renew, door, known.caller, known.workspace, done)
        try:
            done = await door.step(look)
        except Unavailable:
            continue  # the last answer still stands; losing it would make a caller repeat a write
    return done


def _is_read(name: str) -> bool:
    operation = find(name)
    return operation is not None and operation.effect is Effect.READ
