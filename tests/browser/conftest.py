"""A real Chromium, and the desk at an address that it can open."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.served import served
from tests.factories import Desk
from tests.portal.guest import app_of


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine, without a window, and without its sandbox: it opens nothing but our own pages, also as root."""
    program = os.environ.get("SAYSO_CHROMIUM") or shutil.which("chromium")
    assert program, "no chromium: run ./dev test-browser"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture
def home(desk: Desk) -> Iterator[Desk]:
    """The desk, served at an address of its own."""
    with served(lambda address: app_of(_at(desk, address))) as address:
        yield _at(desk, address)


def _at(desk: Desk, address: str) -> Desk:
    return replace(desk, settings=desk.settings.model_copy(update={"base_url": address}))
