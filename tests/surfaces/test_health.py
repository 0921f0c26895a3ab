"""Alive and ready: the second names what is broken."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from surfaces import health
from surfaces.door import Door
from tests.surfaces import toys
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio


def broken() -> bool:
    """Fail as a driver does."""
    message = "no route"
    raise OSError(message)


async def test_alive_when_everything_is_broken(talk: Talk, door: Door, ledger: toys.Ledger) -> None:
    ledger.broken = True
    async with talk(None, at=replace(door, checks={"database": broken})) as http:
        assert (await http.get("/healthz")).json()["status"] == "ok"


async def test_ready_when_every_check_holds(talk: Talk) -> None:
    async with talk(None) as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["failing"]) == (200, [])


async def test_not_ready_names_the_broken_parts(talk: Talk, door: Door) -> None:
    checks = {"database": lambda: True, "redis": lambda: False, "migrations": broken}
    async with talk(None, at=replace(door, checks=checks)) as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["failing"], answer.json()["degraded"]) == (503, ["migrations"], ["redis"])


async def test_serves_on_when_what_is_missing_can_be_made_up_for(talk: Talk, door: Door) -> None:
    checks = {"database": lambda: True, "redis": broken, "worker": lambda: False, "clock": lambda: True}
    async with talk(None, at=replace(door, checks=checks)) as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["status"], answer.json()["degraded"]) == (200, "degraded", ["redis", "worker"])


async def test_what_only_the_database_knows_is_not_blamed_for_it(talk: Talk, door: Door) -> None:
    checks = {"database": broken, "migrations": broken, "worker": broken, "clock": broken, "redis": lambda: True}
    async with talk(None, at=replace(door, checks=checks)) as http:
        answer = await http.get("/readyz")
    assert answer.json() == {"status": "failing", "failing": ["database"], "degraded": [], "checks": {"database": False, "redis": True}}


async def test_check_that_hangs_counts_as_broken(talk: Talk, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    release = threading.Event()
    async with talk(None, at=replace(door, checks={"redis": lambda: release.wait(5)})) as http:
        answer = await http.get("/readyz")
        release.set()
    assert answer.json()["degraded"] == ["redis"]
