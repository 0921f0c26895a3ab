"""The keys of agents: an owner or a manager sees them, makes one whose secret is shown once, and revokes one after a question."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.people import everybody
from crm.access import keys
from crm.access.keys import SCOPES, NewKey
from crm.access.tables import ApiKey
from kernel.arguments import fitted
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import new_id, show
from outbox.events import Actor, note
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import KeyIncomplete, UnreadableForm
from surfaces.portal.visit import Visit, endpoint, go, id_of

PATH = "/portal/settings/keys"
REVOKE = f"{PATH}/{{id}}/revoke"
REPLACE = f"{PATH}/{{id}}/replace"
HOURS = {"1": "an hour", "24": "a day", "168": "a week", "0": "no more"}
"""For how long the old secret works on."""
MOST_KEYS = 100
MAY = {
    "workspace": "read the facts of the business",
    "contacts": "read, add and change customers",
    "bookings": "set up services and working hours; make, move and cancel bookings",
    "membership": "make tiers, enrol members, add and redeem points",
    "messaging": "ask to send messages, and read what became of them",
    "reminders": "ask for messages that wait for their moment",
    "payments": "read payments",
}
"""What each scope lets an agent do, in plain words."""


def routes(door: Door) -> list[BaseRoute]:
    """See them, make one, replace the secret of one, ask before revoking one, revoke it."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, make), methods=["POST"]),
        Route(REPLACE, endpoint(door, offer)),
        Route(REPLACE, endpoint(door, replace), methods=["POST"]),
        Route(REVOKE, endpoint(door, ask)),
        Route(REVOKE, endpoint(door, revoke), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """All keys, the newest first, and the form for another."""
    with inside(visit) as it:
        it.for_deciders()
        return _show(it)


def make(visit: Visit) -> Response:
    """Make a key; its secret is on this one answer and nowhere else. A refusal shows the page again, with the reason on top."""
    try:
        with inside(visit) as it:
            return _make(it)
    except (InvalidArguments, Conflict) as refused:
        with inside(visit) as it:
            it.for_deciders()
            return _show(it, refused)


def _make(it: Inside) -> Response:
    it.for_deciders()
    key = id_of("key", it.visit.form.get("key", ""), UnreadableForm)
    it.check(f"new-key:{show('key', key)}")
    new = _asked(it.visit)
    made = keys.issue_once(it.session, it.person, key, new)
    note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), "key.created", show("key", made.id), scopes=list(new.scopes))
    return page("key_made.html", name=new.name, secret=made.secret, **it.frame)


def _asked(visit: Visit) -> NewKey:
    scopes = [scope for scope in SCOPES if f"scope-{scope}" in visit.form]
    try:
        return fitted(NewKey, {"name": visit.form.get("name", "").strip(), "scopes": scopes})
    except InvalidArguments:
        raise KeyIncomplete from None


def offer(visit: Visit) -> Response:
    """What replacing its secret means, and for how long the old one shall work."""
    with inside(visit) as it:
        it.for_deciders()
        key = keys.live(it.session, it.person.workspace_id, visit.named("key"))
        name = show("key", key.id)
        return page("key_replace.html", key=key, hours=HOURS, action=f"{PATH}/{name}/replace", nonce=it.nonce(_replacing(key)), **it.frame)


def replace(visit: Visit) -> Response:
    """Make another secret; it is on this one answer and nowhere else. The same form sent twice is stale."""
    with inside(visit) as it:
        it.for_deciders()
        key = keys.live(it.session, it.person.workspace_id, visit.named("key"))
        it.check(_replacing(key))
        hours = visit.form.get("hours", "")
        if hours not in HOURS:
            raise UnreadableForm
        made = keys.replace(it.session, it.person.workspace_id, key.id, int(hours))
        note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), "key.replaced", show("key", key.id), hours=int(hours))
        return page("key_made.html", name=key.name, secret=made.secret, **it.frame)


def _replacing(key: ApiKey) -> str:
    """Of this secret and no other."""
    return f"replace-key:{show('key', key.id)}:{key.last_four}"


def ask(visit: Visit) -> Response:
    """What revoking this key means, and the button that does it."""
    with inside(visit) as it:
        it.for_deciders()
        key = keys.live(it.session, it.person.workspace_id, visit.named("key"))
        name = show("key", key.id)
        return page("key_revoke.html", key=key, action=f"{PATH}/{name}/revoke", nonce=it.nonce(f"revoke-key:{name}"), zone=it.zone, **it.frame)


def revoke(visit: Visit) -> Response:
    """End a key for good."""
    with inside(visit) as it:
        it.for_deciders()
        key = visit.named("key")
        it.check(f"revoke-key:{show('key', key)}")
        if not keys.revoke(it.session, it.person.workspace_id, key):
            raise NotFound
        note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), "key.revoked", show("key", key))
    return go(PATH)


def _show(it: Inside, refused: InvalidArguments | Conflict | None = None) -> Response:
    names = {person.id: person.name for person in everybody(it.session, it.person.workspace_id)}
    found = keys.newest(it.session, it.person.workspace_id, MOST_KEYS)
    new = show("key", new_id())
    return page(
        "keys.html",
        refused.status if refused else 200,
        refused=refused,
        keys=[(show("key", key.id), key, names.get(key.created_by) if key.created_by else None) for key in found],
        may={scope: MAY[scope] for scope in SCOPES},
        new=new,
        nonce=it.nonce(f"new-key:{new}"),
        zone=it.zone,
        **it.frame,
    )
