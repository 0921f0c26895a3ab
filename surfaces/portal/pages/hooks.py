"""Webhooks: an owner or a manager says which addresses are told of what happens, changes a secret, posts again, or ends one, after a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.errors import NotFound, SaysoError
from kernel.keys import new_id, show
from outbox.events import Actor
from outbox.hooks import OVERLAP_HOURS, Keeper, every, find
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import UnreadableForm
from surfaces.portal.visit import Visit, endpoint, go, id_of

PATH = "/portal/settings/webhooks"
DEED = f"{PATH}/{{id}}/{{deed}}"


@dataclass(frozen=True, slots=True)
class Deed:
    """What can be done with a webhook: the question, the button, and the doing, which answers a new secret or None."""

    question: str
    means: str
    button: str
    do: Callable[[Keeper, UUID], str | None]


def _end(keeper: Keeper, hook: UUID) -> None:
    keeper.end(hook)


def _replay(keeper: Keeper, hook: UUID) -> None:
    keeper.replay(hook)


DEEDS = {
    "rotate": Deed("Give it a new secret?", f"For {OVERLAP_HOURS} hours every post is signed with the old secret as well.", "Make a new secret", Keeper.rotate),
    "replay": Deed("Post again what was given up?", "Each event goes out once more, under the id that it had.", "Post them again", _replay),
    "end": Deed("End this webhook?", "It is told nothing any more, at once; what is still on its way is dropped.", "End it for good", _end),
}


def routes(door: Door) -> list[BaseRoute]:
    """See them, add one, ask before a deed, do it."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, add), methods=["POST"]),
        Route(DEED, endpoint(door, ask)),
        Route(DEED, endpoint(door, act), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """All of them with how they fare, and the form for another."""
    with inside(visit) as it:
        it.for_deciders()
        return _show(it)


def add(visit: Visit) -> Response:
    """Add one; its secret is on this one answer and nowhere else. A refusal shows the page again, with the reason on top."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            hook = id_of("hok", visit.form.get("hook", ""), UnreadableForm)
            it.check(f"new-hook:{show('hok', hook)}")
            url = visit.form.get("url", "").strip()
            return page("hook_made.html", url=url, secret=_keeper(it).add(hook, url), is_new=True, **it.frame)
    except SaysoError as refused:
        return _again(visit, refused)


def ask(visit: Visit) -> Response:
    """What a deed means, and the button that does it."""
    with inside(visit) as it:
        it.for_deciders()
        hook, name = _named(visit)
        found = find(it.session, it.person.workspace_id, hook)
        label = show("hok", hook)
        return page("hook_ask.html", hook=found, deed=DEEDS[name], action=f"{PATH}/{label}/{name}", nonce=it.nonce(f"{name}:{label}"), **it.frame)


def act(visit: Visit) -> Response:
    """Do it; a new secret is on this one answer and nowhere else."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            hook, name = _named(visit)
            it.check(f"{name}:{show('hok', hook)}")
            found = find(it.session, it.person.workspace_id, hook)
            secret = DEEDS[name].do(_keeper(it), hook)
            if secret:
                return page("hook_made.html", url=found.url, secret=secret, is_new=False, **it.frame)
    except SaysoError as refused:
        return _again(visit, refused)
    return go(PATH)


def _again(visit: Visit, refused: SaysoError) -> Response:
    """The page as it stands, with the reason on top; whoever may not see it, or is at no page of ours, is told that instead."""
    if refused.status in (401, 403, 404):
        raise refused
    with inside(visit) as it:
        it.for_deciders()
        return _show(it, refused)


def _keeper(it: Inside) -> Keeper:
    actor = Actor(it.person.workspace_id, it.person.as_caller())
    return Keeper(it.session, actor, it.person.id, it.visit.settings.secrets)


def _named(visit: Visit) -> tuple[UUID, str]:
    name = visit.request.path_params["deed"]
    hook = visit.named("hok")
    if name not in DEEDS:
        raise NotFound
    return hook, name


def _show(it: Inside, refused: SaysoError | None = None) -> Response:
    new = show("hok", new_id())
    return page(
        "hooks.html",
        refused.status if refused else 200,
        refused=refused,
        hooks=[(show("hok", each.id), each) for each in every(it.session, it.person.workspace_id)],
        typed=it.visit.form.get("url", "") if refused else "",
        new=new,
        nonce=it.nonce(f"new-hook:{new}"),
        zone=it.zone,
        **it.frame,
    )
