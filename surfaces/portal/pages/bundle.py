"""The list behind a letter about several requests: opening it changes nothing, and each is read and decided on its own page."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.bundles import BundleEnded, untie
from approvals.requests import shown
from approvals.tables import Approval
from kernel.keys import token_hash
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.cookies import LIST
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint, go

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)


def routes(door: Door) -> list[BaseRoute]:
    """Arrive, read."""
    return [Route("/a/list/{token}", endpoint(door, arrive)), Route("/a/list", endpoint(door, read))]


def arrive(visit: Visit) -> Response:
    """Move the token from the address into a cookie; asks the database nothing."""
    token = visit.request.path_params["token"]
    if not TOKEN.fullmatch(token):
        raise BundleEnded
    answer = go("/a/list")
    LIST.give(answer, visit.settings, token)
    return answer


def read(visit: Visit) -> Response:
    """What of it waits and what was decided, each with the way to its own page."""
    token = LIST.read(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        untied = untie(session, token)
        rows = [session.get_one(Approval, approval) for approval in untied.tokens]
        sheets = sheet.sheets(session, untied.person.workspace_id, shown(session, rows))
        listed = [(untied.tokens[one.shown.approval_id], one) for one in sheets]
        return page("bundle.html", rows=listed, open=sum(one.is_open for one in sheets), business=sheets[0].business, person=untied.person)
