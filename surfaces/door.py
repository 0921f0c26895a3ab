"""What a surface is given by the composition root: the settings, the web role's database, and what to ask before saying `ready`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

import anyio.to_thread

from kernel.db import Database
from kernel.settings import Settings
from surfaces.pace import Pace

T = TypeVar("T")
THREADS = 10


@dataclass(frozen=True)
class Door:
    """Everything a surface may reach; `threads` must not exceed the connections of the database's pool."""

    settings: Settings
    database: Database
    checks: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """What must be true that all is well: `database`, `migrations`, `redis`, `worker`, `clock`; each answers in bounded time."""
    exposition: Callable[[], bytes] | None = None
    """What `/metrics` tells."""
    threads: int = THREADS

    @cached_property
    def limiter(self) -> anyio.CapacityLimiter:
        """Bounds the threads in the sync domain, so that none waits for a connection."""
        return anyio.CapacityLimiter(self.threads)

    @cached_property
    def pace(self) -> Pace:
        """How fast each caller may call here."""
        return Pace(self.settings.calls_per_second)

    async def step(self, function: Callable[..., T], *args: Any, **named: Any) -> T:
        """Run a function of the sync domain in a thread; the event loop never touches the database."""
        return await anyio.to_thread.run_sync(partial(function, *args, **named), limiter=self.limiter)
