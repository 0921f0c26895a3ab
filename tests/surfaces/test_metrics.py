"""`/metrics` on the web: only with a token that is set and shown; a key or nothing gets nothing."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest

from kernel.settings import Settings, SettingsRefused, load
from surfaces.door import Door
from surfaces.metrics import lets_in
from tests.surfaces import toys
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio
TOKEN = "canary-token-for-metrics"


def tokened(**more: object) -> Settings:
    return load(SAYSO_BASE_URL="https://sayso.example", SAYSO_METRICS_TOKEN=TOKEN, **more)


async def test_there_is_no_such_page_when_no_token_is_set(talk: Talk, door: Door) -> None:
    async with talk(None, at=replace(door, exposition=lambda: b"figures")) as http:
        assert (await http.get("/metrics")).status_code == 404


@pytest.mark.parametrize("shown", ["", "Bearer ", "Bearer wrong", f"Bearer {toys.KEY}", f"Basic {TOKEN}", TOKEN])
async def test_nobody_gets_in_without_the_token(talk: Talk, door: Door, shown: str) -> None:
    async with talk(None, at=replace(door, settings=tokened(), exposition=lambda: b"figures")) as http:
        answer = await http.get("/metrics", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert "SAYSO_METRICS_TOKEN" in answer.json()["nextStep"]
    assert "figures" not in answer.text
    assert TOKEN not in answer.text


async def test_whoever_shows_the_token_reads_the_figures(talk: Talk, door: Door) -> None:
    async with talk(None, at=replace(door, settings=tokened(), exposition=lambda: b"figures")) as http:
        answer = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.text) == (200, "figures")


async def test_figures_are_told_though_every_thread_of_the_door_waits(talk: Talk, door: Door) -> None:
    taken = replace(door, settings=tokened(), exposition=lambda: b"figures", threads=1)
    await taken.limiter.acquire_on_behalf_of("a call that hangs")
    async with talk(None, at=taken) as http:
        with anyio.fail_after(5):
            answer = await http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.text == "figures"


def test_no_token_lets_nobody_in_when_none_is_set() -> None:
    assert not lets_in(load(), "Bearer ")
    assert lets_in(tokened(), f"bearer {TOKEN}")


@pytest.mark.parametrize("unsafe", [{"SAYSO_METRICS_HOST": "0.0.0.0"}, {"SAYSO_METRICS_TOKEN": "short"}])  # noqa: S104 - it is refused
def test_figures_for_everybody_are_refused(unsafe: dict[str, str]) -> None:
    with pytest.raises(SettingsRefused, match="SAYSO_METRICS"):
        load(**unsafe)
    assert tokened(SAYSO_METRICS_HOST="0.0.0.0").metrics_port == 0  # noqa: S104 - with a token it may
