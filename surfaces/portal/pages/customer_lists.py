"""Lists of customers: a file that a spreadsheet saved is read, shown with what is wrong, and taken after a second button; and all of them as such a file."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.contacts.exports import everybody
from crm.contacts.imports import ChangedMeanwhile, Plan, carry_out, plan
from crm.contacts.sheets import COLUMNS, MOST_ROWS, SheetUnreadable
from kernel.errors import SaysoError
from kernel.keys import digest_of
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import STRICT, page
from surfaces.portal.refusals import StaleForm
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/customers/import"
EXPORT = "/portal/customers/export"
SHOWN = 20
SAMPLE = 5


def routes(door: Door) -> list[BaseRoute]:
    """The form, what a file would do and doing it, and the file of everybody."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, take), methods=["POST"]),
        Route(EXPORT, endpoint(door, save), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """The form."""
    return _form(visit)


def take(visit: Visit) -> Response:
    """Show what a file would do; what was shown is then taken, exactly that."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            text = visit.form.get("file") or visit.form.get("csv", "")
            text = text.replace("\r\n", "\n")
            if visit.form.get("verdict") == "take":
                it.check(f"import:{_digest(text)}")
                return _taken(it, text)
            it.check("import")
            return _preview(it, text)
    except (SheetUnreadable, ChangedMeanwhile, StaleForm) as refused:
        return _form(visit, refused)


def save(visit: Visit) -> Response:
    """Everybody as a list that spreadsheets open, and that can be read here again."""
    with inside(visit) as it:
        it.for_deciders()
        it.check("export")
        headers = {**STRICT, "Content-Disposition": 'attachment; filename="customers.csv"'}
        return Response(everybody(it.call), media_type="text/csv; charset=utf-8", headers=headers)


def _form(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        it.for_deciders()
        status = refused.status if refused else 200
        return page("customers_import.html", status, refused=refused, columns=COLUMNS, most=MOST_ROWS, nonce=it.nonce("import"), **it.frame)


def _preview(it: Inside, text: str) -> Response:
    planned = plan(it.call, text)
    return page("customers_preview.html", text=text, nonce=it.nonce(f"import:{_digest(text)}"), **_shown(planned), **it.frame)


def _taken(it: Inside, text: str) -> Response:
    planned = plan(it.call, text)
    done = carry_out(it.call, planned)
    return page("customers_taken.html", done=done, **_shown(planned), **it.frame)


def _shown(planned: Plan) -> dict[str, Any]:
    return {
        "new": planned.new,
        "known": len(planned.known),
        "faults": planned.faults[:SHOWN],
        "refused": len(planned.faults),
        "sample": list(planned.lines.values())[:SAMPLE],
        "ignored": planned.sheet.ignored,
    }


def _digest(text: str) -> str:
    return digest_of(text.encode(errors="surrogatepass")).hex()
