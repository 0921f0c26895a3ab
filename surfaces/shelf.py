"""The shelf: what many senders post at once is stored in one transaction, and each is answered once that is durable.

While one transaction commits, what comes meanwhile gathers for the next: alone, an event waits for nobody; in a crowd, one commit
(and one reading of the disk) serves them all.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from kernel.errors import SaysoError, Unavailable
from kernel.failpoints import Instant, reach
from outbox import inbox, wake
from outbox.dispatch import Event
from surfaces.door import Door
from surfaces.faults import explained

AT_ONCE = 100


@dataclass(eq=False, slots=True)
class Parcel:
    """The events of one post, and what became of them."""

    provider: str
    events: list[Event]
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    fault: SaysoError | None = None


class Shelf:
    """Takes parcels of one event loop; one transaction runs at a time."""

    def __init__(self, door: Door) -> None:
        """Nothing runs while there is nothing to store."""
        self._door = door
        self._waiting: list[Parcel] = []
        self._storing: asyncio.Task[None] | None = None

    async def keep(self, provider: str, events: list[Event]) -> None:
        """Return once they are durable. Raises what kept them from it."""
        parcel = Parcel(provider, events)
        self._waiting.append(parcel)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store())
        await parcel.settled.wait()
        if parcel.fault:
            raise parcel.fault

    async def _store(self) -> None:
        """A task of its own: no sender's hanging up ends it."""
        parcels: list[Parcel] = []
        try:
            while self._waiting:
                parcels, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
                await self._door.step(store, self._door, parcels)
                _settle(parcels)
        except BaseException:
            # The process is ending: whoever still waits is told to post again.
            _settle([*parcels, *self._waiting], Unavailable())
            self._waiting.clear()
            raise


def _settle(parcels: list[Parcel], fault: SaysoError | None = None) -> None:
    for parcel in parcels:
        parcel.fault = parcel.fault or fault
        parcel.settled.set()


def store(door: Door, parcels: list[Parcel]) -> None:
    """Store them together; what cannot be stored keeps no other from it."""
    fault = _together(door, parcels)
    if fault is None:
        reach(Instant.EVENT_STORED)
        wake.ring([wake.INBOX])
    elif len(parcels) > 1 and not isinstance(fault, Unavailable):
        for parcel in parcels:
            store(door, [parcel])
    else:
        for parcel in parcels:
            parcel.fault = fault


def _together(door: Door, parcels: list[Parcel]) -> SaysoError | None:
    named = [(parcel.provider, event) for parcel in parcels for event in parcel.events]
    try:
        with door.database.transaction() as session:
            for provider, event in named:
                inbox.store(session, provider, event)
    except Exception as fault:  # noqa: BLE001 - it is told to whoever posted it
        return explained(fault)
    return None
