"""Policies: everybody reads them in plain words; an owner or a manager tries a change on the last month, and sets it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.policing import PolicySetting, chosen, current, earlier, put
from approvals.rehearsals import DAYS, Rehearsal, rehearse, remembered
from approvals.rulings import Policy, PolicyUnreadable, policies
from approvals.verdicts import PolicySettings
from kernel.db import raw
from kernel.errors import NotFound
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import NoVerdict, PolicyUnfit
from surfaces.portal.settings_forms import entries, typed
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/policies"
MOST_EARLIER = 20
UNREADABLE = "How this was set cannot be read, and nothing is let through until somebody sets it anew."


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would have done, beside what holds."""

    then: Rehearsal
    now: Rehearsal


def routes(door: Door) -> list[BaseRoute]:
    """All of them; one, with its form; try it or set it."""
    one = f"{PATH}/{{name}}"
    return [Route(PATH, endpoint(door, look)), Route(one, endpoint(door, show)), Route(one, endpoint(door, act), methods=["POST"])]


def look(visit: Visit) -> Response:
    """What each policy says today, and who said so."""
    with inside(visit) as it:
        rows = chosen(it.session, it.person.workspace_id)
        said = [(policy, _words(policy, rows.get(name)), rows.get(name)) for name, policy in policies().items()]
        return page("policies.html", said=said, zone=it.zone, **it.frame)


def show(visit: Visit) -> Response:
    """One policy: its words, its form, and how it was set before."""
    with inside(visit) as it:
        return _page(it, _named(visit))


def act(visit: Visit) -> Response:
    """Try what was typed on the last month, or set it; a refusal shows the page as it stands, with the reason on top."""
    policy = _named(visit)
    try:
        with inside(visit) as it:
            it.for_deciders()
            it.check(f"policy:{policy.name}")
            wanted = typed(policy, visit.form)
            match visit.form.get("verdict", ""):
                case "try":
                    return _page(it, policy, wanted, _try(it, policy, wanted))
                case "set":
                    put(it.session, it.person, policy, wanted)
                case _:
                    raise NoVerdict
    except PolicyUnfit as refused:
        with inside(visit) as it:
            return _page(it, policy, refused=refused)
    return go(f"{PATH}/{policy.name}")


def _named(visit: Visit) -> Policy:
    found = policies().get(visit.request.path_params["name"])
    if found is None:
        raise NotFound
    return found


def _try(it: Inside, policy: Policy, wanted: PolicySettings) -> Trial:
    kept = remembered(raw(it.session), it.person.workspace_id)
    today = current(it.session, it.person.workspace_id)
    return Trial(rehearse(kept, today | {policy.name: wanted}, it.zone), rehearse(kept, today, it.zone))


def _read(policy: Policy, row: PolicySetting | None) -> PolicySettings | None:
    """How it is set; None when that cannot be read."""
    with suppress(PolicyUnreadable):
        return policy.read(row.settings if row else {})
    return None


def _words(policy: Policy, row: PolicySetting | None) -> str:
    read = _read(policy, row)
    return policy.say(read) if read else UNREADABLE


def _page(it: Inside, policy: Policy, wanted: PolicySettings | None = None, trial: Trial | None = None, refused: PolicyUnfit | None = None) -> Response:
    history = earlier(it.session, it.person.workspace_id, policy.name, MOST_EARLIER)
    stands = history[0] if history else None
    return page(
        "policy.html",
        refused.status if refused else 200,
        policy=policy,
        says=_words(policy, stands),
        would_say=policy.say(wanted) if wanted else None,
        entries=entries(policy, wanted or _read(policy, stands) or policy.settings()),
        trial=trial,
        days=DAYS,
        history=[(row, _words(policy, row)) for row in history],
        refused=refused,
        nonce=it.nonce(f"policy:{policy.name}") if it.person.may_decide else None,
        zone=it.zone,
        **it.frame,
    )
