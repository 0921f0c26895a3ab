"""Traces: what becomes of one message is one trace, from the tool call to the callback, however many hours and processes lie between.

The place in the trace is a W3C traceparent. It is kept in a context variable, stored with the intent, and written on each line of
the log. Spans are made only once a tracer is installed; until then a place is carried and nothing else is done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from opentelemetry import context as spanning
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, Tracer, set_span_in_context
from opentelemetry.trace import Span as Recorded
from opentelemetry.util.types import AttributeValue

from kernel.clock import now
from kernel.keys import new_span_id, new_trace_id

TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")
NANO = 10**9


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which trace we are, for which request, about which intent."""

    traceparent: str
    request: str | None = None
    intent: UUID | None = None

    @property
    def trace_id(self) -> str:
        """32 hex digits."""
        return self.traceparent[3:35]


_tracer: Tracer | None = None
_place: ContextVar[Place | None] = ContextVar("sayso_place", default=None)


def install(tracer: Tracer | None) -> None:
    """Make spans with it from now on; None: no more."""
    global _tracer  # noqa: PLW0603 - one tracer for the process, one place that may change it
    _tracer = tracer


def are_recorded() -> bool:
    """Whether spans are made: only then is it worth asking for what they would say."""
    return _tracer is not None


def here() -> Place | None:
    """Where we are."""
    return _place.get()


def carried() -> str | None:
    """The traceparent to store with what is asked for now."""
    place = _place.get()
    return place.traceparent if place else None


def read(traceparent: str | None) -> str | None:
    """What a caller sent, if it is a traceparent."""
    return traceparent if traceparent and TRACEPARENT.fullmatch(traceparent) else None


class Span:
    """One step of a trace: `with Span("send sms", parent=…): …`; without a parent it is part of where we are, or begins a trace."""

    def __init__(self, name: str, *, parent: str | None = None, request: str | None = None, intent: UUID | None = None, **attributes: AttributeValue) -> None:
        """`parent`: whose trace it is part of, though it happens elsewhere; where we are now is then linked."""
        self._name, self._parent, self._request, self._intent, self._attributes = name, parent, request, intent, attributes
        self._recorded: Recorded | None = None

    def __enter__(self) -> Self:
        """Be there."""
        was = _place.get()
        traceparent = self._parent or (was.traceparent if was else begun())
        if _tracer:
            traceparent = self._record(_tracer, was)
        place = Place(traceparent, self._request or (was.request if was else None), self._intent or (was.intent if was else None))
        self._left = _place.set(place)
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Be back where we were; an error is told by its name alone, for its words may quote a customer."""
        _place.reset(self._left)
        if self._recorded:
            if kind:
                self._recorded.set_status(Status(StatusCode.ERROR, kind.__name__))
            spanning.detach(self._attached)
            self._recorded.end()

    def say(self, **attributes: AttributeValue) -> None:
        """What came of it."""
        if self._recorded:
            self._recorded.set_attributes(_told(attributes, None))

    def _record(self, tracer: Tracer, was: Place | None) -> str:
        links = [Link(_context_of(was.traceparent))] if self._parent and was and was.trace_id != self._parent[3:35] else None
        kind = SpanKind.SERVER if self._request else SpanKind.INTERNAL
        self._recorded = tracer.start_span(self._name, _within(self._parent), kind, _told(self._attributes, self._intent), links)
        self._attached = spanning.attach(set_span_in_context(self._recorded))
        return _written(self._recorded.get_span_context())


def tell(name: str, parent: str | None, seconds: float, intent: UUID) -> None:
    """A step that took so many seconds and has just ended."""
    if _tracer:
        ended = int(now().timestamp() * NANO)
        _tracer.start_span(name, _within(parent), attributes=_told({}, intent), start_time=ended - int(seconds * NANO)).end(ended)


def _told(attributes: Mapping[str, AttributeValue], intent: UUID | None) -> dict[str, AttributeValue]:
    told = {f"sayso.{name}": value for name, value in attributes.items()}
    return {**told, "sayso.intent": str(intent)} if intent else told


def _within(parent: str | None) -> spanning.Context | None:
    return set_span_in_context(NonRecordingSpan(_context_of(parent))) if parent else None


def begun() -> str:
    """The beginning of a new trace."""
    return f"00-{new_trace_id()}-{new_span_id()}-01"


def _context_of(traceparent: str) -> SpanContext:
    return SpanContext(int(traceparent[3:35], 16), int(traceparent[36:52], 16), is_remote=True, trace_flags=TraceFlags(int(traceparent[53:], 16)))


def _written(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
