"""The cast of the story: an agent with an MCP client, a person with a browser, and Stripe and Twilio with their signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx2
from mcp import Client
from typing_extensions import override

from kernel.clock import now


class StoryBroken(AssertionError):
    """The system did not do what the story says."""


def insist(truth: object, otherwise: str) -> None:
    """Break the story unless it is true."""
    if not truth:
        raise StoryBroken(otherwise)


class Agent:
    """An MCP client with a key."""

    def __init__(self, client: Client) -> None:
        """The client must be connected."""
        self._client = client

    async def tools(self) -> list[str]:
        """The names of the tools this key may call."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a tool; its structured answer."""
        result = await self._client.call_tool(tool, arguments)
        insist(not result.is_error, f"{tool} was refused: {result.content}")
        return dict(result.structured_content or {})

    async def status(self, pending: dict[str, Any], wait: int = 0) -> dict[str, Any]:
        """Where a send stands."""
        return await self.call("get_send_status", approvalId=pending["approvalId"], waitSeconds=wait)


class _Hidden(HTMLParser):
    """Collects the hidden inputs of a page's form."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        seen = dict(attrs)
        if tag == "input" and seen.get("type") == "hidden":
            self.fields[seen.get("name") or ""] = seen.get("value") or ""


@dataclass(frozen=True, slots=True)
class Page:
    """An approval page in a person's browser."""

    address: str
    cookies: httpx2.Cookies
    hidden: dict[str, str]
    code: str
    through: httpx2.AsyncBaseTransport | None = None

    @property
    def digest(self) -> str:
        """What the page says will be sent."""
        return self.hidden.get("digest", "")

    async def decide(self, verdict: str, reason: str = "") -> None:
        """Press a button."""
        origin = self.address.partition("/a")[0]
        form = {**self.hidden, "code": self.code, "verdict": verdict, "reason": reason}
        async with httpx2.AsyncClient(cookies=self.cookies, timeout=10, transport=self.through) as http:
            answer = await http.post(f"{self.address.rpartition('/')[0]}", data=form, headers={"Origin": origin})
        insist(answer.status_code == HTTPStatus.SEE_OTHER, f"deciding was answered {answer.status_code}")


async def look(link: str, code: str, through: httpx2.AsyncBaseTransport | None = None) -> Page:
    """Open a link as a browser and a scanner would: HEAD, then GET, twice. `through` leads to an address that nobody serves here."""
    async with httpx2.AsyncClient(timeout=10, follow_redirects=True, transport=through) as http:
        await http.head(link)
        await http.get(link)
        page = await http.get(link)
        insist(page.is_success, f"the link was answered {page.status_code}")
        hidden = _Hidden()
        hidden.feed(page.text)
        return Page(link, http.cookies, hidden.fields, code, through)


def stripe_event(secret: str, company: str) -> tuple[bytes, dict[str, str]]:
    """A succeeded payment as Stripe posts it, signed as Stripe signs (docs.stripe.com/webhooks, scheme v1)."""
    paid = {"id": "pi_demo_1", "object": "payment_intent", "amount_received": 4500, "currency": "eur", "metadata": {"sayso_workspace": company}}
    stamp = int(now().timestamp())
    event = {"id": "evt_demo_1", "object": "event", "type": "payment_intent.succeeded", "created": stamp, "data": {"object": paid}}
    body = json.dumps(event).encode()
    signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={stamp},v1={signed}", "Content-Type": "application/json"}


def twilio_message(token: str, url: str, said: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """A customer's message as Twilio posts it, signed as Twilio signs (twilio.com/docs/usage/security)."""
    signed = url + "".join(name + said[name] for name in sorted(said))
    signature = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return urlencode(said).encode(), {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
