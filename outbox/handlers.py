"""Handlers of provider events: `@on("type")` in `crm/<area>/events.py` is all it takes to hear one."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from outbox.dispatch import MessageEvent, ObjectEvent

Handler = Callable[[Session, ObjectEvent], None]
Hearer = Callable[[Session, MessageEvent], None]
HEARERS: list[Hearer] = []
HANDLERS: dict[str, Handler] = {}
HINTS: set[str] = set()
"""The types of which the object that came with the event is not believed: it is asked for."""


class NotForUs(Exception):
    """A true event that concerns no workspace here; its sentence is kept with it."""


class NotYet(Exception):
    """An event that is ahead of another one, which it needs; it is tried again, ever later, and at once when what it waits for comes."""

    def __init__(self, reason: str, waits_for: str | None = None) -> None:
        super().__init__(reason)
        self.waits_for = waits_for


def on_message(hearer: Hearer) -> Hearer:
    """Declare what hears the messages of customers; it runs in one transaction with marking the event done."""
    HEARERS.append(hearer)
    return hearer


def on(*types: str, hints: bool = False) -> Callable[[Handler], Handler]:
    """Declare the one handler of these event types; it runs in one transaction with marking the event done.

    With `hints` it gets the object as the provider has it now, under a number that grows, and never the one that the event came with.
    """

    def declare(handler: Handler) -> Handler:
        for kind in types:
            if kind in HANDLERS:
                msg = f"{kind} has two handlers"
                raise ValueError(msg)
            HANDLERS[kind] = handler
        HINTS.update(types if hints else ())
        return handler

    return declare


def handler_of(event: ObjectEvent) -> Handler:
    """Who hears it; Stripe calls the thin twin of a type `v1.<type>`. Raises NotForUs."""
    handler = HANDLERS.get(_plain(event))
    if handler is None:
        msg = "nobody here listens for this type"
        raise NotForUs(msg)
    return handler


def is_hint(event: ObjectEvent) -> bool:
    """Whether its object must be asked for."""
    return event.object is None or _plain(event) in HINTS


def _plain(event: ObjectEvent) -> str:
    return event.type.removeprefix("v1.")
