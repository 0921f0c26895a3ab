"""Forms: where a POST may come from, what it may hold, and the dated signature that ties it to the page it was read on."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from kernel import seal
from kernel.keys import same
from kernel.settings import Settings
from surfaces.portal.refusals import FileUnreadable, ForeignForm, StaleForm, UnreadableForm

MOST_FIELDS = 120
"""A list of a hundred to pick from, and what goes with it."""
LARGEST_PART = 4 * 1024 * 1024
"""Of a file that is sent; the limit of a whole request is another's business."""
NONCE_LASTS = 30 * 60
PURPOSE = "portal-form"


async def read_form(request: Request, settings: Settings) -> dict[str, str]:
    """The fields of a form that was sent from a page of ours. Raises ForeignForm, UnreadableForm."""
    if not is_ours(request.headers, settings.base_url):
        raise ForeignForm
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await _with_files(request)
    try:
        fields = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise UnreadableForm from None
    return dict(fields)


async def _with_files(request: Request) -> dict[str, str]:
    """The fields of a form that may hold a file of text. Raises UnreadableForm, FileUnreadable."""
    try:
        async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_PART) as form:
            return {name: _text(await held.read()) if isinstance(held, UploadFile) else held for name, held in form.items()}
    except (HTTPException, MultiPartException):
        raise UnreadableForm from None


def _text(body: bytes) -> str:
    """A file as text: UTF-8, or UTF-16 where it says so by its first bytes, as spreadsheets do."""
    try:
        return body.decode("utf-16" if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable from None


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
