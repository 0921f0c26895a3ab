"""Webhooks: verify the raw bytes, store every event, and only then answer 2xx.

An event names the account it comes from. Whose credentials prove it decides whose it is, and never what it names: it is tried with
those of every own account of that name, and with the installation's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.discover import modules
from kernel.errors import SaysoError
from kernel.log import trail
from kernel.settings import Settings
from outbox.credentials import opened, signers
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook, ObjectEvent
from surfaces.door import Door
from surfaces.faults import UnknownPath, told
from surfaces.shelf import Shelf

log = logging.getLogger("sayso.webhooks")
PREFIX = "/webhooks/"
OURS = ""
"""The owner of what the installation's own account proved."""
Receiver = Callable[[Inbound, Settings], list[Event]]
Named = Callable[[Inbound], str | None]


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
    named: Named | None = None


def routes(door: Door) -> list[BaseRoute]:
    """One route; the senders are found once, at start."""
    return [Route(PREFIX + "{path:path}", partial(_take, door, senders(), Shelf(door)), methods=["POST"])]


def senders() -> dict[str, Sender]:
    """Every path that a module of `providers` declares in `WEBHOOKS`."""
    found: dict[str, Sender] = {}
    for module in modules("providers"):
        declared: Mapping[str, Receiver] = getattr(module, "WEBHOOKS", {})
        provider = module.__name__.rpartition(".")[2]
        named: Named | None = getattr(module, "named", None)
        found.update({path.removeprefix(PREFIX).strip("/"): Sender(provider, receive, named) for path, receive in declared.items()})
    return found


async def _take(door: Door, known: Mapping[str, Sender], shelf: Shelf, request: Request) -> Response:
    path = request.path_params["path"]
    sender = known.get(path) or known.get(f"{path.rpartition('/')[0]}/*")
    if sender is None:
        raise UnknownPath
    inbound = _inbound(door, request, await request.body())
    await shelf.keep(sender.provider, await door.step(_proved, door, sender, inbound))
    return Response(status_code=204)


def _inbound(door: Door, request: Request, body: bytes) -> Inbound:
    raw = request.scope.get("raw_path") or request.url.path.encode()
    path, query = raw.decode("latin-1"), request.scope["query_string"].decode("latin-1")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    url = f"{door.settings.base_url}{path}" + (f"?{query}" if query else "")
    return Inbound(path=path, url=url, body=body, headers=headers, query=dict(parse_qsl(query, keep_blank_values=True)))


def _proved(door: Door, sender: Sender, inbound: Inbound) -> list[Event]:
    """The events, each as its prover's: of every workspace whose own account signed it, and of the installation when its account did."""
    found: dict[str, list[Event]] = {}
    for owner, settings in [*_signers(door, sender, inbound), (OURS, door.settings)]:
        if owner not in found:
            with suppress(WebhookRefused):
                found[owner] = [_owned(event, owner) for event in _read(sender, inbound, settings)]
    if not found:
        raise WebhookRefused
    return [event for events in found.values() for event in events]


def _signers(door: Door, sender: Sender, inbound: Inbound) -> list[tuple[str, Settings]]:
    name = sender.named(inbound) if sender.named else None
    if name is None:
        return []
    with told(), door.database.transaction() as session:
        accounts = [(str(each.workspace_id), opened(door.settings, each)) for each in signers(session, sender.provider, name)]
    return [(owner, settings) for owner, settings in accounts if settings]


def _owned(event: Event, owner: str) -> Event:
    """Told apart by its owner also where events are deduplicated: nobody takes the place of another's by posting it first."""
    return event if owner == OURS or isinstance(event, ObjectEvent) else replace(event, owner=owner, key=f"{owner}:{event.key}")


def _read(sender: Sender, inbound: Inbound, settings: Settings) -> list[Event]:
    """Nothing that a stranger can post may look like our fault, so a reader that stumbles refuses too."""
    try:
        return sender.receive(inbound, settings)
    except ForgedWebhook:
        raise WebhookRefused from None
    except MalformedWebhook as fault:
        raise WebhookUnreadable(str(fault) or None) from None
    except Exception as fault:  # noqa: BLE001 - its words may quote a customer
        log.warning("the reader of %s stumbled: %s", sender.provider, trail(fault))
        raise WebhookUnreadable from None
