"""Pages that decide too early, each in its own way: what the ladder must catch."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

FORM = '<form method="post" action="/decide">{}</form>'
BUTTON = "<button name='verdict' value='approved'>Approve</button>"
PAGES = {
    "head": "",
    "get": "",
    "options": "",
    "foreign post": "",
    "script": "<script>fetch('/decide', {method: 'POST'})</script>",
    "address": "<a href='/decide'>Approve</a>",
    "button": FORM.format(BUTTON),
    "script button": "<button onclick=\"fetch('/decide', {method: 'POST'})\">Approve</button>",
    "field checked by the browser": FORM.format(f"<input name='code' required pattern='[0-9]{{6}}'>{BUTTON}"),
    "form without a button": FORM.format("<input name='code'>"),
}
"""How each decides, and what its page holds."""


@dataclass
class Hasty:
    """A page that decides in one of these ways, and whether it has."""

    how: str
    decided: bool = field(default=False)

    def app(self, _address: str) -> Starlette:
        """The application around the page."""
        everything = ["GET", "HEAD", "POST", "OPTIONS"]
        return Starlette(routes=[Route("/a/{token}", self._page, methods=everything), Route("/decide", self._decide, methods=everything)])

    async def _page(self, request: Request) -> Response:
        if request.method.lower() == self.how.rpartition(" ")[2]:
            self.decided = True
        return HTMLResponse(PAGES[self.how])

    async def _decide(self, _request: Request) -> Response:
        self.decided = True
        return HTMLResponse("Approved.")
