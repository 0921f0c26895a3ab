"""One call to the provider, made the way its users make it: a bare HTTP client or Twilio's own SDK, in threads or async."""

from __future__ import annotations

import base64
import json
from functools import cache
from urllib.parse import urlencode

import aiohttp  # deptry: ignore[DEP003]
import urllib3
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from bench.peers.ledger import MODE, STUB

ACCOUNT = "AC00000000000000000000000000000000"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
TO, FROM = "+447400123456", "+15005550006"
BACK = "http://127.0.0.1:1/webhooks/twilio/status?ref=0000000000000000000000000000000000000000000000000000000000000000000000000000"
HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:token".encode()).decode()}


def form(body: str) -> bytes:
    """What Twilio's Messages API is posted."""
    return urlencode({"To": TO, "From": FROM, "Body": body, "StatusCallback": BACK}).encode()


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=32)


@cache
def _client() -> Client:
    client = Client(ACCOUNT, "token")
    client.api.base_url = STUB
    return client


def call(body: str) -> str:
    """Send one, from a thread; answers the provider's id."""
    if MODE == "null":
        return "null"
    if MODE == "sdk":
        return str(_client().messages.create(to=TO, from_=FROM, body=body, status_callback=BACK).sid)
    answer = _pool().request("POST", STUB + PATH, body=form(body), headers=HEADERS)
    return str(json.loads(answer.data)["sid"])


class AsyncCalls:
    """The same in an event loop; make it inside the running loop."""

    def __init__(self) -> None:
        self._http = aiohttp.ClientSession()
        self._client = Client(ACCOUNT, "token", http_client=AsyncTwilioHttpClient())
        self._client.api.base_url = STUB

    async def call(self, body: str) -> str:
        """Send one; answers the provider's id."""
        if MODE == "null":
            return "null"
        if MODE == "sdk":
            message = await self._client.messages.create_async(to=TO, from_=FROM, body=body, status_callback=BACK)
            return str(message.sid)
        async with self._http.post(STUB + PATH, data=form(body), headers=HEADERS) as answer:
            return str((await answer.json())["sid"])
