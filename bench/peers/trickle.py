"""Asks for jobs at a given pace and notes when each was committed."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any


async def trickle(jobs: int, rate: float, ask: Callable[[int], Awaitable[Any]]) -> None:
    """`ask(n)` at random gaps around 1/rate seconds; prints, as JSON, the text of each job with its nanoseconds after the commit."""
    asked: dict[str, int] = {}
    pace = random.Random(7)
    for number in range(1, jobs + 1):
        await asyncio.sleep(pace.uniform(0.5, 1.5) / rate)
        await ask(number)
        asked[f"slow-{number}"] = time.monotonic_ns()
    await asyncio.sleep(1)
    print(json.dumps(asked))
