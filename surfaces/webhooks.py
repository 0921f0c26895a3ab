"""Webhooks: verify the raw bytes, store every event in one transaction, and only then answer 2xx."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.discover import modules
from kernel.errors import SaysoError
from kernel.failpoints import Instant, reach
from kernel.settings import Settings
from outbox import inbox, wake
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook
from surfaces.door import Door
from surfaces.faults import UnknownPath, told

log = logging.getLogger("sayso.webhooks")
PREFIX = "/webhooks/"
Receiver = Callable[[Inbound, Settings], list[Event]]


class WebhookRefused(SaysoError):
    """The signature does not fit these bytes, or is too old."""

    code = "webhook_refused"
    next_step = "Check the signing secret, the public address (SAYSO_BASE_URL) and the sender's clock."


class WebhookUnreadable(SaysoError):
    """The body is not an event that can be read."""

    code = "webhook_unreadable"
    next_step = "Send the event as the provider documents it."


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose webhooks arrive at a path, and what verifies and reads them."""

    provider: str
    receive: Receiver


def routes(door: Door) -> list[BaseRoute]:
    """One route; the senders are found once, at start."""
    return [Route(PREFIX + "{path:path}", partial(_take, door, senders()), methods=["POST"])]


def senders() -> dict[str, Sender]:
    """Every path that a module of `providers` declares in `WEBHOOKS`."""
    found: dict[str, Sender] = {}
    for module in modules("providers"):
        declared: Mapping[str, Receiver] = getattr(module, "WEBHOOKS", {})
        provider = module.__name__.rpartition(".")[2]
        found.update({path.removeprefix(PREFIX).strip("/"): Sender(provider, receive) for path, receive in declared.items()})
    return found


async def _take(door: Door, known: Mapping[str, Sender], request: Request) -> Response:
    sender = known.get(request.path_params["path"])
    if sender is None:
        raise UnknownPath
    inbound = _inbound(door, request, await request.body())
    await door.step(_store, door, sender, inbound)
    return Response(status_code=204)


def _inbound(door: Door, request: Request, body: bytes) -> Inbound:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    path, query = raw.decode("latin-1"), request.scope["query_string"].decode("latin-1")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    url = f"{door.settings.base_url}{path}" + (f"?{query}" if query else "")
    return Inbound(path=path, url=url, body=body, headers=headers, query=dict(parse_qsl(query, keep_blank_values=True)))


def _store(door: Door, sender: Sender, inbound: Inbound) -> None:
    events = _read(door, sender, inbound)
    with told(), door.database.transaction() as session:
        for event in events:
            inbox.store(session, sender.provider, event)
    reach(Instant.EVENT_STORED)
    wake.ring([wake.INBOX])


def _read(door: Door, sender: Sender, inbound: Inbound) -> list[Event]:
    """Nothing that a stranger can post may look like our fault, so a reader that stumbles refuses too."""
    try:
        return sender.receive(inbound, door.settings)
    except ForgedWebhook:
        raise WebhookRefused from None
    except MalformedWebhook as fault:
        raise WebhookUnreadable(str(fault) or None) from None
    except Exception:
        log.exception("the reader of %s stumbled", sender.provider)
        raise WebhookUnreadable from None
