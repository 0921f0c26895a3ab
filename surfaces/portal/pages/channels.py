"""Channels: an owner or a manager connects the business's own senders, has them tested, gives other credentials, or disconnects one, after a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.errors import NotFound, SaysoError
from kernel.keys import new_id, show
from kernel.settings import Channel
from outbox.accounts import default_account
from outbox.connecting import Asked, Connector, find, sendgrid_secrets, sendgrid_senders, twilio_secrets, twilio_senders
from outbox.events import Actor
from outbox.senders import own
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import UnreadableForm
from surfaces.portal.visit import Visit, endpoint, go, id_of

PATH = "/portal/settings/channels"
DEED = f"{PATH}/{{id}}/{{deed}}"
KEPT = ("account_sid", "sms", "whatsapp", "sender")
"""What a refused form shows again; secrets are typed anew."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider that can be connected: how its form is read."""

    senders: Callable[[Mapping[str, str]], list[Asked]]
    secrets: Callable[[Mapping[str, str]], dict[str, str]]


KINDS = {"twilio": Kind(twilio_senders, twilio_secrets), "sendgrid": Kind(sendgrid_senders, sendgrid_secrets)}
GONE = """Its credentials are deleted here, at once. What is approved and waits for it is held until somebody connects it again;
what is asked for afterwards leaves by this installation's own account. Reports of messages that it sent are not heard any more."""
QUESTIONS = {
    "replace": ("Give it other credentials?", "What is asked for now, and what waits, leaves with the new ones. They are tested at once.", "Use these"),
    "test": ("Test it?", "The provider is asked whether it lets us in. Nothing is sent.", "Test it now"),
    "end": ("Disconnect it?", GONE, "Disconnect it"),
}


def routes(door: Door) -> list[BaseRoute]:
    """See them, connect one, ask before a deed, do it."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, connect), methods=["POST"]),
        Route(DEED, endpoint(door, ask)),
        Route(DEED, endpoint(door, act), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Every channel, with the account that serves it."""
    with inside(visit) as it:
        it.for_deciders()
        return _show(it)


def connect(visit: Visit) -> Response:
    """Connect what was typed. A refusal shows the page again, with the reason on top and without the secrets."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            new = id_of("cha", visit.form.get("new", ""), UnreadableForm)
            provider = visit.form.get("provider", "")
            it.check(f"connect:{provider}:{show('cha', new)}")
            if provider not in KINDS:
                raise UnreadableForm
            secrets = KINDS[provider].secrets(visit.form)
            for place, asked in enumerate(KINDS[provider].senders(visit.form)):
                _connector(it).connect(new_id() if place else new, asked, secrets)
    except SaysoError as refused:
        return _again(visit, refused)
    return go(PATH)


def ask(visit: Visit) -> Response:
    """What a deed means, and the button that does it."""
    with inside(visit) as it:
        it.for_deciders()
        return _ask(it)


def act(visit: Visit) -> Response:
    """Do it; credentials that will not do are asked for again."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            account, deed = _deed(visit)
            it.check(f"{deed}:{show('cha', account)}")
            chosen = find(it.session, it.person.workspace_id, account)
            match deed:
                case "replace":
                    _connector(it).replace(account, KINDS[chosen.provider].secrets(visit.form))
                case "test":
                    _connector(it).test(account)
                case _:
                    _connector(it).end(account)
    except SaysoError as refused:
        if refused.status in (401, 403, 404):
            raise
        with inside(visit) as it:
            it.for_deciders()
            return _ask(it, refused)
    return go(PATH)


def _again(visit: Visit, refused: SaysoError) -> Response:
    """The page as it stands, with the reason on top; whoever may not see it is told that instead."""
    if refused.status in (401, 403, 404):
        raise refused
    with inside(visit) as it:
        it.for_deciders()
        return _show(it, refused)


def _connector(it: Inside) -> Connector:
    return Connector(it.session, it.visit.settings, Actor(it.person.workspace_id, it.person.as_caller()), it.person.id)


def _deed(visit: Visit) -> tuple[UUID, str]:
    deed = visit.request.path_params["deed"]
    if deed not in QUESTIONS:
        raise NotFound
    return visit.named("cha"), deed


def _ask(it: Inside, refused: SaysoError | None = None) -> Response:
    account, deed = _deed(it.visit)
    question, means, button = QUESTIONS[deed]
    return page(
        "channel_ask.html",
        refused.status if refused else 200,
        refused=refused,
        account=find(it.session, it.person.workspace_id, account),
        deed=deed,
        question=question,
        means=means,
        button=button,
        action=f"{PATH}/{show('cha', account)}/{deed}",
        nonce=it.nonce(f"{deed}:{show('cha', account)}"),
        **it.frame,
    )


def _show(it: Inside, refused: SaysoError | None = None) -> Response:
    settings, new = it.visit.settings, show("cha", new_id())
    accounts = {each.channel: each for each in own(it.session, it.person.workspace_id)}
    return page(
        "channels.html",
        refused.status if refused else 200,
        refused=refused,
        served=[(channel, accounts.get(channel), default_account(settings, channel), settings.provider_of(channel)) for channel in get_args(Channel)],
        ids={channel: show("cha", each.id) for channel, each in accounts.items()},
        typed={name: it.visit.form.get(name, "") if refused else "" for name in KEPT},
        new=new,
        nonces={provider: it.nonce(f"connect:{provider}:{new}") for provider in KINDS},
        base=settings.base_url,
        zone=it.zone,
        **it.frame,
    )
