"""Doing one thing to many sends: taken once however often the form is sent, and a page that says how far it is."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.batches import DEEDS, Deed, Wish, begin, progress
from kernel.errors import NotFound
from kernel.keys import new_id, show
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.verdicts import reason_of
from surfaces.portal.visit import Visit, endpoint, go, id_of

PATH = "/portal/batches"
PICK = "pick-"
SOON = 2
"""Seconds after which an unfinished one looks again."""
BACK: dict[str, tuple[str, str]] = {"replay": ("/portal/dead", "What could not be sent"), "leave": ("/portal/dead", "What could not be sent")}
DOUBTS = ("/portal/doubts", "The doubts")
WORDS: dict[Deed, str] = {
    "replay": "Replaying what failed",
    "leave": "Leaving what failed as it is",
    "sent": "Counting doubts as sent",
    "again": "Sending doubts again",
    "give_up": "Giving doubts up",
}


def routes(door: Door) -> list[BaseRoute]:
    """Ask for one, see how far it is."""
    return [Route(PATH, endpoint(door, ask), methods=["POST"]), Route(f"{PATH}/{{id}}", endpoint(door, look))]


def fresh(it: Inside) -> tuple[str, str]:
    """For a page with a list to pick from: the name of the batch that its form will be, and its nonce."""
    name = show("bat", new_id())
    return name, it.nonce(f"batch:{name}")


def ask(visit: Visit) -> Response:
    """Take it once, then show how far it is."""
    batch = id_of("bat", visit.form.get("batch", ""), NotFound)
    with inside(visit) as it:
        it.check(f"batch:{show('bat', batch)}")
        deed = next((known for known in DEEDS if known == visit.form.get("verdict")), None)
        if deed is None:
            raise NoVerdict
        begin(it.session, it.person, Wish(batch, deed, reason_of(visit), _picked(visit)))
    return go(f"{PATH}/{show('bat', batch)}")


def look(visit: Visit) -> Response:
    """How far it is, and what was refused."""
    batch = visit.named("bat")
    with inside(visit) as it:
        found = progress(it.session, it.person.workspace_id, batch)
        if found is None:
            raise NotFound
        return page(
            "batch.html",
            batch=found,
            title=next(said for deed, said in WORDS.items() if deed == found.deed),
            back=BACK.get(found.deed, DOUBTS),
            refresh=None if found.done == len(found.items) else SOON,
            zone=it.zone,
            **it.frame,
        )


def _picked(visit: Visit) -> list[UUID]:
    """The sends whose boxes are ticked. Raises NotFound."""
    return [id_of("int", field.removeprefix(PICK), NotFound) for field in visit.form if field.startswith(PICK)]
