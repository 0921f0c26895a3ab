"""Reminders in the portal: everybody sees the rules and what they plan; who may decide allows a rule, once, or turns it off."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.policing import current
from crm.reminders import plans, rules
from kernel.clock import now
from kernel.errors import InvalidArguments
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages.standing import terms_of
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/reminders"
ALLOW = f"{PATH}/{{id}}/allow"
OFF = f"{PATH}/{{id}}/off"
AHEAD = 20


def routes(door: Door) -> list[BaseRoute]:
    """See them, read and allow one, ask before turning one off, turn it off."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(ALLOW, endpoint(door, ask)),
        Route(ALLOW, endpoint(door, allow), methods=["POST"]),
        Route(OFF, endpoint(door, ask_again)),
        Route(OFF, endpoint(door, turn_off), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """The rules that count, newest first, and what they plan next."""
    with inside(visit) as it:
        found = [(show("rul", one.id), one) for one in rules.listed(it.session, it.person.workspace_id)]
        ahead = plans.ahead(it.session, it.person.workspace_id, AHEAD)
        return page("reminders.html", found=found, ahead=ahead, person=it.person, zone=it.zone, **it.frame)


def ask(visit: Visit) -> Response:
    """The words, what allowing them means, and the form with its limits."""
    return _form(visit)


def allow(visit: Visit) -> Response:
    """Put it in force; a refusal shows the form again, with the reason on top."""
    rule = visit.named("rul")
    try:
        with inside(visit) as it:
            it.for_deciders()
            it.check(f"allow:{show('rul', rule)}")
            rules.allow(it.session, visit.settings, it.person, rule, terms_of(visit, it.zone))
    except InvalidArguments as refused:
        return _form(visit, refused)
    return go(PATH)


def _form(visit: Visit, refused: InvalidArguments | None = None) -> Response:
    with inside(visit) as it:
        it.for_deciders()
        rule = rules.read(it.session, it.person.workspace_id, visit.named("rul"))
        name, policies = show("rul", rule.id), current(it.session, it.person.workspace_id)
        return page(
            "reminder_allow.html",
            refused.status if refused else 200,
            id=name,
            rule=rule,
            sample=plans.sample(it.session, it.person.workspace_id, rule),
            limits=policies["standing"],
            first=policies["first_time"],
            last_day=(now().astimezone(it.zone) + timedelta(days=60)).date(),
            refused=refused,
            nonce=it.nonce(f"allow:{name}"),
            **it.frame,
        )


def ask_again(visit: Visit) -> Response:
    """What turning it off means, and the button that does it."""
    with inside(visit) as it:
        it.for_deciders()
        rule = rules.read(it.session, it.person.workspace_id, visit.named("rul"))
        name = show("rul", rule.id)
        return page("reminder_off.html", rule=rule, action=f"{PATH}/{name}/off", nonce=it.nonce(f"off:{name}"), **it.frame)


def turn_off(visit: Visit) -> Response:
    """End it; what it planned is not said."""
    with inside(visit) as it:
        it.for_deciders()
        rule = visit.named("rul")
        it.check(f"off:{show('rul', rule)}")
        rules.end_one(it.session, it.person, rule)
    return go(PATH)
