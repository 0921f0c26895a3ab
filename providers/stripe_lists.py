"""Stripe's own lists, page by page, newest first; one that cannot be read to the end is none (docs.stripe.com/api/pagination)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from providers.proof import token
from providers.transport import SUCCESS, Transport

PAGE = 100


class Unreadable(Exception):
    """The list could not be read to the end."""


class TooLong(Unreadable):
    """The list goes on behind as many pages as are read."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Where the lists are, and who reads them."""

    transport: Transport
    base: str
    headers: Mapping[str, str]

    def each(self, path: str, wanted: Mapping[str, Any], most_pages: int) -> Iterator[dict[str, Any]]:
        """Its objects, each with an id. Raises Unreadable, behind the last page TooLong, and what the transport raises."""
        query = {**wanted, "limit": PAGE}
        for _ in range(most_pages):
            page = self._page(f"{self.base}/v1/{path}?{urlencode(query)}")
            yield from page["data"]
            if not page["data"] or not page.get("has_more"):
                return
            query["starting_after"] = page["data"][-1]["id"]
        msg = f"more than {most_pages * PAGE} of {path}"
        raise TooLong(msg)

    def _page(self, url: str) -> dict[str, Any]:
        answer = self.transport.get(url, self.headers)
        page = answer.object if answer.category == SUCCESS else {}
        if not isinstance(page.get("data"), list) or not all(map(_is_object, page["data"])):
            msg = f"HTTP {answer.status}"
            raise Unreadable(msg)
        return page


def _is_object(one: Any) -> bool:
    return isinstance(one, dict) and token(one.get("id")) is not None
