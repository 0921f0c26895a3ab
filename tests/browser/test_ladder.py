"""No link scanner decides, however high it climbs, and the link still works for the person who has the code."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from kernel.db import Database
from tests.browser.hasty import PAGES, Hasty
from tests.browser.person import decide, link_of
from tests.browser.scanner import AGENTS, LADDER, Scanner
from tests.browser.served import served
from tests.factories import Desk
from tests.portal.guest import everything, invited, state_of

FIRST_TO_CATCH = {
    "head": "asks_for_headers",
    "get": "fetches",
    "options": "foresees",
    "foreign post": "embeds",
    "script": "runs_scripts",
    "address": "presses_everything",
    "button": "presses_everything",
    "script button": "presses_everything",
    "field checked by the browser": "submits_everything",
    "form without a button": "submits_everything",
}


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("rung", LADDER)
def test_nothing_is_decided_or_written_when_a_scanner_comes_first(chromium: Browser, home: Desk, owner_db: Database, rung: str, agent: str) -> None:
    pending = home.ask("Your table is ready, see https://ola.example/x")
    invitation = invited(home, pending)
    before = everything(owner_db)
    scanner = Scanner(chromium, AGENTS[agent])
    LADDER[rung](scanner, link_of(home, invitation))
    assert everything(owner_db) == before
    assert (state_of(home, pending), home.send(pending).state) == ("pending", "held")
    with scanner.page() as page:
        decide(page, home, invitation)
    assert (state_of(home, pending), home.send(pending).state) == ("approved", "ready")


@pytest.mark.parametrize("rung", LADDER)
def test_a_decided_link_is_not_stopped_by_a_scanner(chromium: Browser, home: Desk, owner_db: Database, rung: str) -> None:
    pending = home.ask()
    invitation = invited(home, pending)
    with Scanner(chromium, AGENTS["phone"]).page() as page:
        decide(page, home, invitation)
    before = everything(owner_db)
    LADDER[rung](Scanner(chromium, AGENTS["gateway"]), link_of(home, invitation))
    assert everything(owner_db) == before
    assert home.send(pending).state == "ready"


@pytest.mark.parametrize("how", PAGES)
def test_the_ladder_catches_a_page_that_decides_too_early(chromium: Browser, how: str) -> None:
    assert first_to_catch(Scanner(chromium, AGENTS["bot"]), how) == FIRST_TO_CATCH[how]


def first_to_catch(scanner: Scanner, how: str) -> str | None:
    for name, rung in LADDER.items():
        page = Hasty(how)
        with served(page.app) as address:
            rung(scanner, f"{address}/a/token")
        if page.decided:
            return name
    return None
