"""How a page is put together: the templates, their filters, and the strict headers on every answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from approvals.diffs import compare
from approvals.listings import LOOK_BACK
from kernel.errors import SaysoError
from kernel.keys import show
from surfaces.portal import words
from surfaces.portal.assets import ASSETS, STYLES

SEE_OTHER = 303
STRICT = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.globals.update(
    seen=words.seen,
    channels=words.CHANNELS,
    names=words.SHORT_CHANNELS,
    pay_pages=words.PAY_PAGES,
    holds=words.HOLDS,
    ways=words.WAYS,
    queued=words.QUEUED,
    look_back=LOOK_BACK,
    left_out=words.LEFT_OUT,
    compare=compare,
    styles=STYLES,
    asset={name: asset.url for name, asset in ASSETS.items()},
)
templates.filters.update(
    wire=show,
    plain=words.plain,
    by=words.by,
    short=words.short,
    pretty=words.pretty,
    moment=words.moment,
    instant=words.instant,
    span=words.span,
    seconds=words.seconds,
    ago=words.ago,
)


def page(template: str, status: int = 200, **shown: Any) -> Response:
    """A page with the strict headers."""
    return HTMLResponse(templates.get_template(template).render(**shown), status, STRICT)


def refusal_page(refused: SaysoError, way_on: str) -> Response:
    """What was refused, why, and what to do next."""
    return page("refusal.html", refused.status, refused=refused, way_on=way_on)
