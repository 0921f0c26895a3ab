"""Forms: where a POST may come from, what it may hold, and the dated signature that ties it to the page it was read on."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request

from kernel import seal
from kernel.keys import same
from kernel.settings import Settings
from surfaces.portal.refusals import ForeignForm, StaleForm, UnreadableForm

MOST_FIELDS = 20
NONCE_LASTS = 30 * 60
PURPOSE = "portal-form"


async def read_form(request: Request, settings: Settings) -> dict[str, str]:
    """The fields of a form that was sent from a page of ours. Raises ForeignForm, UnreadableForm."""
    if not is_ours(request.headers, settings.base_url):
        raise ForeignForm
    try:
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise UnreadableForm from None
    return dict(fields)


def is_ours(headers: Headers, base_url: str) -> bool:
    """Whether the browser says that a page of ours sent this.

    Under `Referrer-Policy: no-referrer` browsers send `Origin: null` even from our own page; then Sec-Fetch-Site,
    which no page can forge, must vouch for it.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if site not in (None, "same-origin"):
        return False
    return origin in (None, base_url) or (origin == "null" and site == "same-origin")


def nonce(settings: Settings, *bound_to: str) -> str:
    """What a form carries to prove that it was read on a page made for these."""
    return seal.sign(settings.secrets, PURPOSE, "|".join(bound_to))


def check_nonce(settings: Settings, form: Mapping[str, str], *bound_to: str) -> None:
    """Raises StaleForm unless the form carries a young nonce made for these."""
    given = seal.verify(settings.secrets, PURPOSE, form.get("nonce", ""), NONCE_LASTS)
    if given is None or not same(given.encode(), "|".join(bound_to).encode()):
        raise StaleForm
