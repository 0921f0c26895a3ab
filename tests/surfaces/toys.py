"""A handful of operations, a database that only counts, and a key ring: enough to drive every surface without PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Self, cast
from uuid import UUID

import psycopg
from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field
from pydantic.alias_generators import to_camel
from sqlalchemy import exc as sa
from sqlalchemy.orm import Session
from typing_extensions import override

from kernel.call import Call, Caller
from kernel.errors import IdempotencyConflict, NotFound, RateLimited
from kernel.operation import REGISTRY, Answer, Asked, AskedOnce, Effect, NoArguments, operation
from kernel.tenancy import WorkspaceId
from outbox.idempotency import Keyed

KEY = "sayso_mcp_" + "a" * 32
READER_KEY = "sayso_mcp_" + "r" * 32
WRONG_KEY = "sayso_mcp_" + "w" * 32
WORKSPACE = UUID(int=7)
EVERY_SCOPE = frozenset({"bookings", "messaging"})
AGENT = Caller("agent", UUID(int=1), "agent", EVERY_SCOPE)
READER = Caller("agent", UUID(int=2), "reader", frozenset({"messaging"}))


class Pong(Answer):
    """An answer to ping."""

    workspace: WorkspaceId


class ListServices(Asked):
    """Arguments of list_services."""

    limit: int = Field(20, ge=1, le=100, description="How many.")
    title: str | None = Field(None, description="Only with this title.")


class Service(BaseModel):
    """One service."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    title: str
    price: Decimal
    duration_minutes: int


class Services(Answer):
    """A page of services."""

    items: list[Service]
    next_cursor: str | None = None


class Customer(Asked):
    """Who books."""

    name: str
    email: EmailStr | None = None


class CreateBooking(AskedOnce):
    """Arguments of create_booking."""

    service_id: WorkspaceId = Field(description="A service.")
    start: AwareDatetime = Field(description="When.")
    customer: Customer
    seats: int = Field(1, ge=1)


class Booking(Answer):
    """A booking."""

    booking_id: str
    start: AwareDatetime
    price: Decimal


class GetStatus(Asked):
    """Arguments of get_status."""

    wait_seconds: int = Field(0, ge=0, le=25, description="Wait for a newer answer.")


class Status(Answer):
    """A state that may still move."""

    state: str

    @override
    def is_waiting(self) -> bool:
        return self.state == "pending"


class CreateLink(AskedOnce):
    """Arguments of create_link."""

    wait_seconds: int = Field(0, ge=0, le=25, description="Wait for the link.")


class Link(Status):
    """A link that becomes ready."""

    def renewed(self, call: Call) -> Self:
        """Ready when looked at again."""
        assert call.workspace == WORKSPACE
        return type(self)(state="ready")


class BreakDown(Asked):
    """Arguments of break_down."""

    how: Literal["bug", "gone", "data", "not_found", "limited", "clash"]


def ping(call: Call, asked: NoArguments) -> Pong:
    """Answer without a key."""
    return Pong(workspace=call.workspace)


def register(call: Call, asked: NoArguments) -> Pong:
    """Create something from outside."""
    return Pong(workspace=call.workspace)


def list_services(call: Call, asked: ListServices) -> Services:
    """List the services."""
    return Services(items=[Service(title="Cut", price=Decimal("49.00"), duration_minutes=30)][: asked.limit])


def create_booking(call: Call, asked: CreateBooking) -> Booking:
    """Book a slot."""
    counter(call).calls += 1
    return Booking(booking_id=f"bkg_{counter(call).calls}", start=asked.start, price=Decimal("49.00"))


def get_status(call: Call, asked: GetStatus) -> Status:
    """Say where it stands."""
    counter(call).calls += 1
    return Status(state="done" if counter(call).calls > counter(call).patience else "pending")


def create_link(call: Call, asked: CreateLink) -> Link:
    """Create a link."""
    counter(call).calls += 1
    return Link(state="pending")


def set_note(call: Call, asked: NoArguments) -> Pong:
    """Set a note."""
    return Pong(workspace=call.workspace)


def delete_note(call: Call, asked: NoArguments) -> Pong:
    """Delete a note."""
    return Pong(workspace=call.workspace)


def send_note(call: Call, asked: AskedOnce) -> Pong:
    """Send a note."""
    return Pong(workspace=call.workspace)


def break_down(call: Call, asked: BreakDown) -> Pong:
    """Fail in a chosen way."""
    failure = FAILURES[asked.how]()
    raise failure


FAILURES: Mapping[str, Callable[[], Exception]] = {
    "bug": lambda: RuntimeError("secret detail of table customer"),
    "gone": lambda: sa.OperationalError("SELECT 1", {}, psycopg.OperationalError("connection to 10.0.0.7 lost")),
    "data": lambda: sa.DataError("INSERT", {}, psycopg.DataError("NUL")),
    "clash": lambda: sa.IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation("Key (email)=(ann@example.com)")),
    "not_found": NotFound,
    "limited": RateLimited,
}


def declare() -> None:
    """Put the toys into the registry."""
    for function, scope, effect in (
        (ping, "public", Effect.READ),
        (register, "public", Effect.WRITE),
        (get_status, "messaging", Effect.READ),
        (create_link, "bookings", Effect.WRITE),
        (set_note, "bookings", Effect.SET),
        (delete_note, "bookings", Effect.DESTROY),
        (send_note, "messaging", Effect.SEND),
        (break_down, "bookings", Effect.READ),
    ):
        operation(scope, effect)(cast("Callable[..., Any]", function))
    operation("bookings", Effect.READ, aliases=("show_services",), example={"limit": 5})(list_services)
    operation("bookings", Effect.WRITE)(create_booking)


@dataclass
class Ledger:
    """Stands for the session: what was remembered and how often an operation ran."""

    calls: int = 0
    patience: int = 2
    answers: dict[tuple[UUID, str], tuple[object, dict[str, Any]]] = field(default_factory=dict)
    events: list[tuple[str, Any]] = field(default_factory=list)
    opened: list[tuple[UUID | None, bytes | None]] = field(default_factory=list)
    open_now: int = 0
    broken: bool = False

    @contextmanager
    def transaction(self, workspace: UUID | None = None, credential: bytes | None = None) -> Iterator[Session]:
        """Count, and lend itself as the session."""
        if self.broken:
            failure = FAILURES["gone"]()
            raise failure
        self.opened.append((workspace, credential))
        self.open_now += 1
        try:
            yield cast("Session", self)
        finally:
            self.open_now -= 1


def counter(call: Call) -> Ledger:
    """The ledger behind the session."""
    return cast("Ledger", call.session)


def once(session: Any, workspace: UUID, asked: Keyed, run: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Remember like `outbox.idempotency.once`, in a dictionary."""
    if (workspace, asked.key) not in session.answers:
        session.answers[workspace, asked.key] = (asked, run())
        return session.answers[workspace, asked.key][1], False
    before, answer = session.answers[workspace, asked.key]
    if before != asked:
        raise IdempotencyConflict
    return answer, True


def find_caller(session: Any, key: str) -> tuple[Caller, UUID] | None:
    """Know two keys."""
    return {KEY: (AGENT, WORKSPACE), READER_KEY: (READER, WORKSPACE)}.get(key)


def operations() -> list[str]:
    """The names that `declare` declares."""
    return list(REGISTRY)
