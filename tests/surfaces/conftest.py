"""The toys in a registry of their own, and the whole application around them, spoken to without a socket."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType
from typing import Any

import httpx2
import pytest

from kernel import operation, settings
from tests.surfaces import toys


def _stand_in(name: str, **offers: Any) -> None:
    """Make a module that is not there yet importable."""
    parent, _, child = name.rpartition(".")
    if parent:
        _stand_in(parent)
    if name in sys.modules or importlib.util.find_spec(name):
        return
    module = ModuleType(name)
    module.__path__ = []
    vars(module).update(offers)
    sys.modules[name] = module
    if parent:
        setattr(sys.modules[parent], child, module)


_stand_in("crm.access.keys", find_caller=toys.find_caller)

from surfaces import auth, invoke, webhooks  # noqa: E402 - after the stand-in
from surfaces.app import create_app  # noqa: E402 - after the stand-in
from surfaces.door import Door  # noqa: E402 - after the stand-in

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
    monkeypatch.setattr(webhooks, "modules", lambda _package: [])
    yield
    for shared, before in zip((operation.REGISTRY, operation.ALIASES), kept, strict=True):
        shared.clear()
        shared.update(before)  # type: ignore[arg-type]  # each gets its own back


@pytest.fixture
def ledger() -> toys.Ledger:
    return toys.Ledger()


@pytest.fixture
def door(ledger: toys.Ledger) -> Door:
    return Door(settings.load(SAYSO_BASE_URL="https://sayso.example"), ledger, {"database": lambda: True, "redis": lambda: True})


@pytest.fixture
def talk(door: Door) -> Talk:
    """A client of the running application: `async with talk(key=…) as http`."""

    @asynccontextmanager
    async def talking(key: str | None = toys.KEY, base: str = "http://localhost:8000", at: Door = door) -> AsyncIterator[httpx2.AsyncClient]:
        app = create_app(at)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base, headers=headers) as http:
            yield http

    return talking
