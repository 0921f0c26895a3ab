"""What providers told us: each event with what became of it and why, and having some of them worked off once more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.resolve import MayNotOperate, is_operator, may_operate
from kernel.clock import now
from kernel.db import after_commit, raw
from kernel.errors import SaysoError
from outbox import replays, wake
from outbox.events import Actor, note
from outbox.replays import State, TooManyEvents, Wanted
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/events"
REPLAY = f"{PATH}/replay"
MOST = 100
LONGEST = 255
FATES: dict[State, str] = {"new": "waits", "hint": "waits for word of the provider", "done": "used", "ignored": "not for us", "dead": "given up"}
LOOK_BACK = timedelta(days=7)
FIELDS = ("from", "to", "type", "state", "key", "until")


def routes(door: Door) -> list[BaseRoute]:
    """See them, ask before replaying, replay."""
    return [Route(PATH, endpoint(door, look)), Route(REPLAY, endpoint(door, ask)), Route(REPLAY, endpoint(door, again), methods=["POST"])]


def look(visit: Visit) -> Response:
    """The newest that are meant."""
    with inside(visit) as it:
        said = _said(visit)
        wanted = _wanted(it, said)
        found = replays.shown(raw(it.session), wanted, MOST) if _may(it) else []
        return page(
            "events.html",
            events=found,
            said=said,
            states=get_args(State),
            fates=FATES,
            replay=f"{REPLAY}?{urlencode(said)}" if found else None,
            one=REPLAY,
            full=len(found) == MOST,
            may_act=_may(it),
            zone=it.zone,
            **it.frame,
        )


def ask(visit: Visit) -> Response:
    """What would be replayed, and the button."""
    with inside(visit) as it:
        return _ask(it, None)


def again(visit: Visit) -> Response:
    """Replay what was shown; a refusal shows the question again, with the reason on top."""
    try:
        with inside(visit) as it:
            _again(it)
    except SaysoError as refused:
        with inside(visit) as it:
            return _ask(it, refused)
    return go(PATH)


def _again(it: Inside) -> None:
    said = _said(it.visit)
    it.check(f"events:{urlencode(said)}")
    if not _may(it):
        raise MayNotOperate
    many = replays.replay_shown(raw(it.session), _wanted(it, said))
    note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), "events.replayed", said["key"] or said["type"] or "events", many=many)
    after_commit(it.session, lambda: wake.ring([wake.INBOX]))


def _ask(it: Inside, refused: SaysoError | None) -> Response:
    said = _said(it.visit)
    said["until"] = said["until"] or now().isoformat()
    found = replays.shown(raw(it.session), _wanted(it, said), replays.AT_ONCE + 1) if _may(it) else []
    refused = refused or (TooManyEvents() if len(found) > replays.AT_ONCE else None if _may(it) else MayNotOperate())
    return page(
        "events_replay.html",
        refused.status if refused else 200,
        events=found,
        said=said,
        fates=FATES,
        nonce=it.nonce(f"events:{urlencode(said)}"),
        refused=refused,
        zone=it.zone,
        **it.frame,
    )


def _may(it: Inside) -> bool:
    return may_operate(it.person, it.visit.settings)


def _said(visit: Visit) -> dict[str, str]:
    """What the address or the form asks for, as it was written."""
    given = visit.form if visit.request.method == "POST" else visit.request.query_params
    return {name: given.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in FIELDS}


def _wanted(it: Inside, said: dict[str, str]) -> Wanted:
    """The events that are meant: those of this business, for an operator every one; the last week's where no day is named."""
    first, end = _day(said["from"], it.zone), _day(said["to"], it.zone, after=1)
    state = next((known for known in get_args(State) if known == said["state"]), None)
    whose = None if is_operator(it.person, it.visit.settings) else it.person.workspace_id
    wanted = Wanted(whose, first, None, said["type"] or None, state, said["key"] or None)
    if first is None and not said["key"]:
        wanted = replace(wanted, since=now() - LOOK_BACK)
    ends = [moment for moment in (end, _moment(said["until"])) if moment]
    return replace(wanted, until=min(ends, default=None))


def _day(words: str, zone: ZoneInfo, after: int = 0) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(words) + timedelta(days=after), time(), zone)
    except (ValueError, OverflowError):
        return None


def _moment(words: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return None
    return found if found.tzinfo else None
