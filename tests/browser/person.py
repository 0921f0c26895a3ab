"""A person in front of a real browser: comes in, types the code, presses a button."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from approvals.links import Invitation
from approvals.people import Person
from crm.access.sessions import begin
from kernel.clock import now
from surfaces.portal.cookies import SESSION
from tests.factories import Desk


def link_of(home: Desk, invitation: Invitation) -> str:
    """The address in the letter."""
    return f"{home.settings.base_url}/a/{invitation.token}"


def decide(page: Page, home: Desk, invitation: Invitation, button: str = "Approve") -> None:
    """Open the link, type the code, press the button, and read that it was done."""
    page.goto(link_of(home, invitation))
    page.fill("#code", invitation.code)
    page.get_by_role("button", name=button, exact=True).click()
    page.locator("#code").wait_for(state="detached")


def come_in(context: BrowserContext, home: Desk) -> None:
    """Have a session of the owner's in the portal."""
    with home.database.transaction(home.founded.workspace) as session:
        token = begin(session, session.get_one(Person, home.founded.owner), "portal", now())
    cookie = {"name": SESSION.name(home.settings), "value": token, "domain": "127.0.0.1", "path": SESSION.path}
    context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])
