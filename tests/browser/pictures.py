"""Draws docs/screenshots anew, each page on a phone and on a desk: `./dev screenshots`."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from kernel.db import Database
from tests.browser.person import come_in
from tests.browser.served import served
from tests.browser.studio import Studio
from tests.browser.test_accessibility import screen
from tests.factories import Bench, Desk
from tests.house.tree import ROOT
from tests.portal.guest import app_of

FOLDER = ROOT / "docs" / "screenshots"
HEIGHTS = {375: 812, 1280: 800}
TALL = {"queue": 1300, "doubts": 1500, "send": 1130, "lanes": 1700, "reports": 1600}
"""Pages whose point lies further down than a window shows."""
LARGEST = 80_000
OPENED = "document.querySelectorAll('.evidence').forEach(each => each.open = true)"


@pytest.mark.timeout(300)
def test_every_page_has_its_pictures_and_no_picture_is_large(chromium: Browser, desk: Desk, bench: Bench, owner_db: Database) -> None:
    studio = Studio(desk, bench, owner_db)
    pages = studio.furnish()
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with served(lambda address: app_of(_at(desk, address))) as address, screen(chromium, 375, "light") as context:
        come_in(context, _at(desk, address))
        page = context.new_page()
        for name, path in pages.items():
            if name == "queue":
                studio.rest()
            for width, height in HEIGHTS.items():
                page.set_viewport_size({"width": width, "height": max(height, TALL.get(name, 0))})
                page.goto(address + path)
                _draw(page, f"{name}-{width}.png")
    assert {picture.name: picture.stat().st_size for picture in FOLDER.iterdir() if picture.stat().st_size > LARGEST} == {}


def _draw(page: Page, name: str) -> None:
    """The page as it stands, with what a reader would open or press."""
    page.evaluate(OPENED)
    if name.startswith("policy-tried"):
        page.fill("[name=set-per_request]", "30")
        page.get_by_role("button", name="Try").click()
    drawn = Image.open(BytesIO(page.screenshot())).convert("RGB")
    drawn.quantize(dither=Image.Dither.NONE).save(FOLDER / name, optimize=True)


def _at(desk: Desk, address: str) -> Desk:
    """The desk at this address; its owner is an operator of the installation too."""
    return replace(desk, settings=desk.settings.model_copy(update={"base_url": address, "operator_emails": "olivia@example.com"}))
