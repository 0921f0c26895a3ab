"""How long the two pages that matter keep a person waiting, and how much they load, with fifty requests pending; prints what it measured."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.person import come_in, link_of
from tests.factories import Desk
from tests.portal.guest import invited

PENDING = 50
VISITS = 40
TIMES = "performance.getEntriesByType('navigation')[0].toJSON()"
BYTES = "performance.getEntries().filter(each => each.transferSize).map(each => [each.name, each.transferSize])"
MOST_BYTES = 60_000
SLOWEST_MS = 500
"""A bound against accidents only: this machine may be busy."""


@dataclass(frozen=True)
class Measured:
    """The first byte in milliseconds, and the bytes of a first and of a later visit."""

    p50: float
    p95: float
    first: int
    later: int

    def __str__(self) -> str:
        return f"first byte p50 {self.p50:.0f} ms, p95 {self.p95:.0f} ms; {self.first / 1000:.1f} kB at first, {self.later / 1000:.1f} kB later"


def measured(context: BrowserContext, address: str) -> Measured:
    """Visit it again and again with one browser."""
    page, waits, weights = context.new_page(), [], []
    for _ in range(VISITS):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        times: dict[str, Any] = page.evaluate(TIMES)
        waits.append(times["responseStart"] - times["requestStart"])
        weights.append(sum(size for _, size in page.evaluate(BYTES)))
    steps = quantiles(waits[1:], n=20)
    return Measured(steps[9], steps[18], weights[0], weights[-1])


@pytest.mark.parametrize("name", ["the link page", "the inbox"])
def test_a_page_is_fast_and_light_when_fifty_are_pending(chromium: Browser, home: Desk, capsys: pytest.CaptureFixture[str], name: str) -> None:
    pending = [home.ask(f"Your table {nth} is ready.") for nth in range(PENDING)]
    with chromium.new_context() as context:
        come_in(context, home)
        link = link_of(home, invited(home, pending[-1]))
        found = measured(context, link if name == "the link page" else f"{home.settings.base_url}/portal")
    with capsys.disabled():
        print(f"\n{name}, {PENDING} pending: {found}")
    assert found.first <= MOST_BYTES
    assert found.later <= found.first
    assert found.p95 <= SLOWEST_MS
