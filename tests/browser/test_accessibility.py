"""No page keeps anybody out: axe finds nothing serious, nothing overflows sideways, and no page logs an error, in either scheme and at both widths."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from approvals.batches import Wish, begin
from approvals.rulings import policies
from crm.contacts.tools.accounts import Created
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id, show
from tests.approvals.crowds import campaign, meet
from tests.approvals.hands import dead, doubt
from tests.browser.person import come_in, decide, link_of
from tests.factories import PHONE, Bench, Desk
from tests.fixtures.senders import connected
from tests.portal.guest import address_of, invited, login_token

GRAVE = ("serious", "critical")
HEIGHT = 812
LONG_ADDRESS = "maria-magdalena.von-und-zu-hohenzollern-sigmaringen@a-rather-long-name-for-a-domain.example.com"
SETTLED = "[...document.querySelectorAll('details')].forEach(each => each.open = true)"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LONG = "Dear Mia, your colour appointment is confirmed. Change it at https://ola.example/t/7, or call us. " * 4
SCREENS = pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (375, "dark"), (1280, "light"), (1280, "dark")])


@contextmanager
def screen(chromium: Browser, width: int, scheme: str) -> Iterator[BrowserContext]:
    """A browser of this width that prefers this colour scheme."""
    context = chromium.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
    try:
        yield context
    finally:
        context.close()


def faults(page: Page) -> list[str]:
    """What axe calls serious or critical on the page as it stands, with everything unfolded; and whether it overflows sideways."""
    page.evaluate(SETTLED)
    said = [
        f"{page.url} {each['id']} ({each['impact']}): {node['target']} {node['html'][:90]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
    over = page.evaluate(OVERFLOW)
    return [*said, f"{page.url} is {over} px too wide"] if over > 0 else said


def tour(page: Page, addresses: list[str]) -> list[str]:
    """The faults of all these, and whatever their consoles said."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{page.url} logs {message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"{page.url} throws {error}"))
    for address in addresses:
        page.goto(address)
        said += faults(page)
    return said


@SCREENS
def test_the_portal_keeps_nobody_out(chromium: Browser, home: Desk, bench: Bench, width: int, scheme: str) -> None:
    mia = show("acc", cast("Created", home.run("create_account", name="Mia Park", phone=PHONE, email=LONG_ADDRESS, notes=LONG)).account_id)
    home.run("set_consent", accountId=mia, channel="email", consent=True, evidence=LONG[:300])
    home.run("erase_account", accountId=mia, reason="She asked by e-mail.")
    stuck = doubt(home, bench)
    letter = dead(home, bench)
    batch = new_id()
    with home.signed_in() as (session, owner):
        begin(session, owner, Wish(batch, "leave", LONG, letter.intent_ids))
    decided, pending = home.approved("Decided."), home.ask(LONG)
    home.run("send_email", to="mia@example.com", subject="Your appointment", body=LONG, sendAt=(now() + timedelta(days=3)).isoformat())
    home.run(
        "request_send_approval", actionType="send_sms", payload={"to": "+33612345678", "body": "\u202eevil http://\u0440\u0430ypal.example/x"}, summary=LONG
    )
    with screen(chromium, width, scheme) as context:
        come_in(context, home)
        at = (
            "",
            "/ledger",
            f"/ledger?to={PHONE.replace('+', '%2B')}",
            "/doubts",
            "/dead",
            "/lanes",
            "/policies",
            "/standing",
            "/reminders",
            "/reports",
            "/me",
            "/find?q=mia",
        )
        channel = f"channels/{show('cha', connected(home))}"
        pages = ("keys", "team", "webhooks", "delegations", "channels", f"{channel}/replace", f"{channel}/test", f"{channel}/end")
        settings = [f"/portal/settings/{page}" for page in pages]
        requests = [address_of(decided), f"{address_of(decided)}/allow", address_of(pending), f"{address_of(pending)}/edit", f"{address_of(pending)}/why"]
        requests += [f"/portal/batches/{show('bat', batch)}"]
        requests += [f"/portal/sends/{show('int', one.intent_ids[0])}" for one in (stuck, decided)]
        settings += [f"/portal/policies/{name}" for name in policies()]
        customers = [f"/portal/customers{path}" for path in ("", f"/{mia}", f"/{mia}/erase", "/import")]
        addresses = [f"/portal{path}" for path in at] + settings + requests + customers
        assert tour(context.new_page(), [home.settings.base_url + path for path in addresses]) == []


@SCREENS
def test_the_pages_of_a_campaign_keep_nobody_out(chromium: Browser, home: Desk, owner_db: Database, width: int, scheme: str) -> None:
    meet(home, owner_db, 12)
    many, run = campaign(home), campaign(home)
    home.decide(run)
    with screen(chromium, width, scheme) as context:
        come_in(context, home)
        addresses = [path for request in (many, run) for path in (address_of(request), f"{address_of(request)}/recipients")]
        addresses.append(f"{address_of(many)}/recipients?without=1,3")
        assert tour(context.new_page(), [home.settings.base_url + path for path in addresses]) == []


@SCREENS
def test_the_way_in_keeps_nobody_out(chromium: Browser, home: Desk, width: int, scheme: str) -> None:
    with screen(chromium, width, scheme) as context:
        page = context.new_page()
        said = tour(page, [f"{home.settings.base_url}/portal/sign-in", f"{home.settings.base_url}/portal/enter/{login_token(home)}"])
        come_in(context, home)
        assert said + tour(page, [f"{home.settings.base_url}/portal"]) == []


@SCREENS
def test_the_page_behind_a_link_keeps_nobody_out(chromium: Browser, home: Desk, width: int, scheme: str) -> None:
    invitation = invited(home, home.ask(LONG))
    with screen(chromium, width, scheme) as context:
        page = context.new_page()
        said = tour(page, [link_of(home, invitation)])
        page.fill("#code", "12345")
        page.get_by_role("button", name="Approve", exact=True).click()
        page.get_by_role("alert").wait_for()
        said += faults(page)
        decide(page, home, invitation)
        said += faults(page)
        assert [line for line in said if "422" not in line] == []  # Chromium logs the refusal that was asked for


def test_a_page_that_keeps_people_out_is_caught(chromium: Browser) -> None:
    with screen(chromium, 375, "light") as context:
        page = context.new_page()
        page.set_content("<html><body style='width: 900px; color: #bbb; background: #fff'><img src='x.png'><p>Pale.</p><input></body></html>")
        said = "\n".join(faults(page))
    assert all(rule in said for rule in ("image-alt", "color-contrast", "label", "html-has-lang", "too wide"))
