"""The toys in a registry of their own, and the whole application around them, spoken to without a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import cast

import httpx2
import pytest

from kernel import operation, settings
from kernel.db import Database
from surfaces import auth, invoke, webhooks
from surfaces.app import create_app
from surfaces.door import Door
from tests.surfaces import toys

Talk = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@pytest.fixture(autouse=True)
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toys and nothing else."""
    kept = dict(operation.REGISTRY), dict(operation.ALIASES)
    operation.REGISTRY.clear()
    operation.ALIASES.clear()
    toys.declare()
    monkeypatch.setattr(auth, "find_caller", toys.find_caller)
    monkeypatch.setattr(invoke, "once", toys.once)
    monkeypatch.setattr(invoke, "metered", lambda _call, _operation: nullcontext())
    monkeypatch.setattr(webhooks, "modules", lambda _package: [])
    yield
    operation.REGISTRY.clear()
    operation.ALIASES.clear()
    operation.REGISTRY.update(kept[0])
    operation.ALIASES.update(kept[1])


@pytest.fixture
def ledger() -> toys.Ledger:
    return toys.Ledger()


@pytest.fixture
def door(ledger: toys.Ledger) -> Door:
    return Door(settings.load(SAYSO_BASE_URL="https://sayso.example"), cast("Database", ledger), {"database": lambda: True, "redis": lambda: True})


@pytest.fixture
def talk(door: Door) -> Talk:
    """Lend a client of the running application; its own lifespan is entered for it."""

    @asynccontextmanager
    async def talking(key: str | None = toys.KEY, base: str = "http://localhost:8000", at: Door = door) -> AsyncIterator[httpx2.AsyncClient]:
        app = create_app(at)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base, headers=headers) as http:
            yield http

    return talking
