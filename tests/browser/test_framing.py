"""No other page can show ours inside itself, not even one of the same site, which gets our cookies along."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.person import come_in, link_of
from tests.browser.served import served, showing
from tests.factories import Desk
from tests.portal.guest import address_of, invited

BODY = "Your table is ready."
AROUND = "<html><body><iframe src='{}' width='400' height='800'></iframe></body></html>"


def framed(page: Page, address: str) -> str:
    """What can be read in a frame that shows this address."""
    with served(showing(AROUND.format(address))) as around:
        page.goto(around)
        page.wait_for_load_state("networkidle")
        return page.frames[-1].locator("body").inner_text()


@pytest.mark.parametrize("by_link", [True, False])
def test_no_decision_is_shown_in_a_frame(chromium: Browser, home: Desk, by_link: bool) -> None:
    pending = home.ask(BODY)
    address = link_of(home, invited(home, pending)) if by_link else home.settings.base_url + address_of(pending)
    with chromium.new_context() as context:
        come_in(context, home)
        page = context.new_page()
        page.goto(address)
        assert BODY in page.locator("body").inner_text()
        assert BODY not in framed(page, address)


def test_a_page_that_lets_itself_be_framed_is_seen_there(chromium: Browser) -> None:
    with chromium.new_context() as context, served(showing(f"<p>{BODY}</p>")) as open_to_all:
        assert BODY in framed(context.new_page(), open_to_all)
