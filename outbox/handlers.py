"""Handlers of provider events: `@on("type")` in `crm/<area>/events.py` is all it takes to hear one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from outbox.dispatch import ObjectEvent

Handler = Callable[[Session, ObjectEvent], None]
HANDLERS: dict[str, Handler] = {}


class NotForUs(Exception):
    """A true event that concerns no workspace here; its sentence is kept with it."""


def on(*types: str) -> Callable[[Handler], Handler]:
    """Declare the one handler of these event types; it runs in one transaction with marking the event done."""

    def declare(handler: Handler) -> Handler:
        for kind in types:
            if kind in HANDLERS:
                msg = f"{kind} has two handlers"
                raise ValueError(msg)
            HANDLERS[kind] = handler
        return handler

    return declare
