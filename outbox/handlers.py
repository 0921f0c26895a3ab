"""Handlers of provider events: `@on("type")` in `crm/<area>/events.py` is all it takes to hear one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from outbox.dispatch import MessageEvent, ObjectEvent

Handler = Callable[[Session, ObjectEvent], None]
Hearer = Callable[[Session, MessageEvent], None]
HEARERS: list[Hearer] = []
HANDLERS: dict[str, Handler] = {}


class NotForUs(Exception):
    """A true event that concerns no workspace here; its sentence is kept with it."""


class NotYet(Exception):
    """An event that is ahead of another one, which it needs; it is tried again, ever later."""


def on_message(hearer: Hearer) -> Hearer:
    """Declare what hears the messages of customers; it runs in one transaction with marking the event done."""
    HEARERS.append(hearer)
    return hearer


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
