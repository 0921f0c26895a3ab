"""Lanes and pauses: what waits where, what is held and why, and holding or letting go as far as this person may."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import standstill
from approvals.operating import PauseSending
from approvals.queues import depths_of
from approvals.resolve import MayNotOperate, is_operator, pause, resume
from approvals.standstill import Pause
from crm.access import keys
from crm.access.tables import ApiKey
from kernel.arguments import fitted
from kernel.clock import now
from kernel.db import raw
from kernel.errors import NotFound, SaysoError
from kernel.keys import show
from kernel.settings import Channel
from outbox import readings
from outbox.events import Actor, note
from outbox.readings import Depth
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.pages.queue import tables
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.verdicts import reason_of
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/lanes"
MOST_KEYS = 50


def routes(door: Door) -> list[BaseRoute]:
    """See them, hold, let go."""
    return [Route(PATH, endpoint(door, look)), Route(PATH, endpoint(door, act), methods=["POST"])]


def look(visit: Visit) -> Response:
    """How everything stands."""
    return _show(visit)


def act(visit: Visit) -> Response:
    """Do what the button says; a refusal shows the page as it stands now, with the reason on top."""
    try:
        with inside(visit) as it:
            _act(it)
    except SaysoError as refused:
        return _show(visit, refused)
    return go(PATH)


def _act(it: Inside) -> None:
    form = it.visit.form
    what, name = form.get("what", ""), form.get("id", "")
    it.check(f"hand:{what}:{name}")
    deed = DEEDS.get(form.get("verdict", ""))
    if deed is None:
        raise NoVerdict
    deed(it, fitted(PauseSending, {"what": what, "id": name or None, "reason": reason_of(it.visit)}))


def _hold(it: Inside, asked: PauseSending) -> None:
    pause(it.session, it.person, asked.subject, asked.reason, it.visit.settings)


def _let_go(it: Inside, asked: PauseSending) -> None:
    resume(it.session, it.person, asked.subject, asked.reason, it.visit.settings)


def _revoke(it: Inside, asked: PauseSending) -> None:
    key = asked.subject.scope.key
    if not it.person.may_decide:
        raise MayNotOperate
    if key is None or not keys.revoke(it.session, it.person.workspace_id, key):
        raise NotFound
    note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), "key.revoked", show("key", key), reason=asked.reason)


DEEDS: dict[str, Callable[[Inside, PauseSending], None]] = {"pause": _hold, "resume": _let_go, "revoke": _revoke}


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        pauses = standstill.pauses(it.session, it.person.workspace_id)
        held = {pause.id: pause for pause in pauses}
        return page(
            "lanes.html",
            refused.status if refused else 200,
            moment_now=now(),
            depths=tables((depth.lane, depth) for depth in _depths(it)),
            lanes=[(lane, it.nonce(f"hand:lane:{lane.lane}")) for lane in standstill.lanes(it.session, it.person, visit.settings)],
            channels=[(channel, held.get(channel), it.nonce(f"hand:channel:{channel}")) for channel in get_args(Channel)],
            requests=[(pause, it.nonce(f"hand:request:{pause.id}")) for pause in pauses if pause.what == "request"],
            keys=_keys(it, held),
            workspace=(held.get(None), it.nonce("hand:workspace:")),
            operates=is_operator(it.person, visit.settings),
            refused=refused,
            may_act=it.person.may_decide,
            zone=it.zone,
            **it.frame,
        )


def _depths(it: Inside) -> list[Depth]:
    """To an operator of everybody, to others their own."""
    if is_operator(it.person, it.visit.settings):
        return readings.depths(raw(it.session))
    return depths_of(it.session, it.person.workspace_id)


def _keys(it: Inside, held: dict[str | None, Pause]) -> list[tuple[str, ApiKey, Pause | None, str]]:
    """The live keys, and those that hold something back; each with its pause, if any, and a nonce."""
    found = [(show("key", key.id), key) for key in keys.newest(it.session, it.person.workspace_id, MOST_KEYS)]
    return [(name, key, held.get(name), it.nonce(f"hand:key:{name}")) for name, key in found if key.revoked_at is None or name in held]
