"""What opens links before people do, as a ladder: each rung does more than the one below, and none of them may decide.

Mail gateways, previews and antivirus programs fetch a link, render it, run its scripts, press what can be pressed and
submit what can be submitted. None of them knows the code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from playwright.sync_api import Browser, Error, Locator, Page

from tests.browser.served import served, showing

AGENTS = {
    "gateway": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
    "phone": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
    "bot": "Mozilla/5.0 (compatible; LinkScanner/2.1; +https://scanner.example/about)",
}
FORESEEING: tuple[dict[str, str], ...] = (
    {"Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"X-Moz": "prefetch", "X-Purpose": "preview"},
    {"Origin": "https://mail.example", "Access-Control-Request-Method": "POST"},
)
PRESSABLE = "button, input[type=submit], input[type=button], input[type=image], summary, a[href], [role=button]"
JUNK = "test"
"""What a scanner types into a field that it does not understand."""
LURE = """<link rel="prefetch" href="{0}"><link rel="preload" as="fetch" href="{0}"><img src="{0}"><iframe src="{0}"></iframe>
<iframe name="into"></iframe><form method="post" action="{0}" target="into"><input name="verdict" value="approved"></form>
<script>document.forms[0].submit()</script>"""
"""A message of somebody else's that loads the link in every way a page can, and posts to it."""
QUIET_MS = 120


@dataclass(frozen=True)
class Scanner:
    """One scanner: a browser that calls itself something."""

    chromium: Browser
    agent: str

    @contextmanager
    def page(self) -> Iterator[Page]:
        """A page of a browser that was never here before."""
        context = self.chromium.new_context(user_agent=self.agent, ignore_https_errors=True)
        try:
            page = context.new_page()
            page.set_default_timeout(5_000)
            yield page
        finally:
            context.close()

    @contextmanager
    def client(self) -> Iterator[httpx2.Client]:
        """A program that fetches, keeps cookies and follows redirects."""
        with httpx2.Client(headers={"User-Agent": self.agent}, follow_redirects=True) as http:
            yield http


Rung = Callable[[Scanner, str], None]


def asks_for_headers(scanner: Scanner, link: str) -> None:
    """HEAD, twice."""
    with scanner.client() as http:
        for _ in range(2):
            http.head(link)


def fetches(scanner: Scanner, link: str) -> None:
    """GET, with and without the cookie of the first time."""
    for _ in range(2):
        with scanner.client() as http:
            http.get(link)
            http.get(link)


def foresees(scanner: Scanner, link: str) -> None:
    """OPTIONS and GET with the headers of those who fetch ahead."""
    for headers in FORESEEING:
        with scanner.client() as http:
            http.request("OPTIONS", link, headers=headers)
            http.get(link, headers=headers)


def embeds(scanner: Scanner, link: str) -> None:
    """Show it inside another page, fetch it ahead, and post to it from there."""
    with served(showing(LURE.format(link))) as address, scanner.page() as page:
        page.goto(address.replace("127.0.0.1", "localhost"))  # another site, as browsers see it
        page.wait_for_load_state("networkidle")


def runs_scripts(scanner: Scanner, link: str) -> None:
    """Open it in a browser and wait until it is quiet, reload it, and go back and forth."""
    with scanner.page() as page:
        page.goto(link)
        page.wait_for_load_state("networkidle")
        page.reload()
        page.goto("about:blank")
        page.go_back()
        page.wait_for_load_state("networkidle")


def presses_everything(scanner: Scanner, link: str) -> None:
    """Press whatever can be pressed, twice in a row: with the fields empty, and with junk in them."""
    for filled in (False, True):
        with scanner.page() as page:
            for nth in range(_count(page, link, PRESSABLE)):
                _open(page, link, filled=filled)
                _press(page.locator(PRESSABLE).nth(nth))
                _settle(page)


def submits_everything(scanner: Scanner, link: str) -> None:
    """Submit every form, bare and by each of its buttons, past whatever the browser would check first."""
    for filled in (False, True):
        with scanner.page() as page:
            for nth in range(_count(page, link, "form")):
                _submit(page, link, nth, filled=filled)


LADDER: dict[str, Rung] = {rung.__name__: rung for rung in (asks_for_headers, fetches, foresees, runs_scripts, embeds, presses_everything, submits_everything)}


def _count(page: Page, link: str, what: str) -> int:
    page.goto(link)
    return page.locator(what).count()


def _open(page: Page, link: str, *, filled: bool) -> None:
    page.goto(link)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    if filled:
        page.evaluate(
            "junk => document.querySelectorAll('input:not([type=hidden]), textarea').forEach(each => each.value = junk)",
            JUNK,
        )


def _press(target: Locator) -> None:
    """A real double click where a pointer reaches it, and a script's click where none does."""
    try:
        if target.is_visible() and target.is_enabled():
            target.dblclick(force=True)
            return
    except Error:  # it is there, but outside of the window
        pass
    target.evaluate("each => { each.disabled = false; each.click() }")


def _submit(page: Page, link: str, nth: int, *, filled: bool) -> None:
    _open(page, link, filled=filled)
    form = page.locator("form").nth(nth)
    buttons = form.locator("button, input[type=submit]").count()
    form.evaluate("form => HTMLFormElement.prototype.submit.call(form)")
    _settle(page)
    for button in range(buttons):
        _open(page, link, filled=filled)
        form.evaluate("(form, nth) => { form.noValidate = true; form.requestSubmit(form.querySelectorAll('button, input[type=submit]')[nth]) }", button)
        _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(QUIET_MS)
    page.wait_for_load_state("networkidle")
