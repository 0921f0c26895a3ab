"""One visit of a page: the request and its form; a page is a plain function of a visit that runs in a thread and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import anyio
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kernel.clock import monotonic
from kernel.errors import NotFound, SaysoError
from kernel.keys import read
from kernel.settings import Settings
from surfaces.door import Door
from surfaces.faults import told
from surfaces.portal.forms import read_form
from surfaces.portal.looks import SEE_OTHER, STRICT, refusal_page
from surfaces.portal.refusals import NotSignedIn

LOGIN = "/portal/sign-in"
EVEN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page is given."""

    door: Door
    request: Request
    form: Mapping[str, str]

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.door.settings

    @property
    def origin(self) -> str:
        """The address it comes from, for the audit; proxies are the server's business."""
        return self.request.client.host if self.request.client else ""

    def named(self, prefix: str) -> UUID:
        """The id in its address. Raises NotFound."""
        return id_of(prefix, self.request.path_params["id"], NotFound)


def id_of(prefix: str, words: str, otherwise: type[SaysoError]) -> UUID:
    """The id that was written. Raises `otherwise` where it is none."""
    try:
        return read(prefix, words)
    except ValueError:
        raise otherwise from None


Page = Callable[[Visit], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(door: Door, page: Page) -> Endpoint:
    """The page as Starlette calls it; whatever is refused becomes a calm page."""

    async def answer(request: Request) -> Response:
        try:
            with told():
                form = await read_form(request, door.settings) if request.method == "POST" else {}
                return await door.step(page, Visit(door, request, form))
        except NotSignedIn:
            return go(LOGIN)
        except SaysoError as refused:
            return refusal_page(refused, _way_on(request))

    return answer


def evenly(answer: Endpoint) -> Endpoint:
    """The same endpoint, answering only on full steps of time, so that nobody can tell from the clock what was found."""

    async def paced(request: Request) -> Response:
        began = monotonic()
        answered = await answer(request)
        await anyio.sleep(EVEN_SECONDS - (monotonic() - began) % EVEN_SECONDS)
        return answered

    return paced


def go(where: str) -> Response:
    """See other: the answer to a POST that did its work, and to whoever must sign in first."""
    return RedirectResponse(where, SEE_OTHER, STRICT)


def _way_on(request: Request) -> str:
    if request.url.path.startswith("/pay/"):
        return ""
    return "/portal" if request.url.path.startswith("/portal") else LOGIN
