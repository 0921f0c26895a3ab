"""The tools about services: what can be booked, and on which terms."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from crm.bookings.shapes import ServiceId, service_of
from crm.bookings.tables import Resource, Service, ServiceResource
from crm.contacts.shapes import TierId
from crm.contacts.tiers import tier_named
from kernel.call import Call
from kernel.keys import new_id, show
from kernel.money import Amount, Currency, as_decimal, as_minor, currency_in
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from kernel.tenancy import Workspace
from outbox.content import OneLine, Readable
from outbox.events import Actor, happened, note

LONGEST_NAME = 120
Thing = Annotated[OneLine, Field(min_length=1, max_length=80)]
MOST_RESOURCES = 10
TERMS = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "step_minutes", "capacity", "notice_minutes", "days_ahead")
POLICY = ("cancel_hours", "late_fee_percent", "may_overlap")
EXAMPLE = {"name": "Haircut", "durationMinutes": 45, "price": "49.00"}


class ServiceTerms(AskedOnce):
    """A new service."""

    name: OneLine = Field(min_length=1, max_length=LONGEST_NAME, description="As customers know it.")
    duration_minutes: int = Field(ge=1, le=1440, description="How long it takes.")
    price: Amount = Field(description="Decimal: 49.00.")
    currency: Currency = Field("", description="ISO 4217; default: the country's.", validate_default=False)
    description: Readable | None = Field(None, max_length=2000, description="What it is.")
    capacity: int = Field(1, ge=1, le=500, description="Customers at once; more than 1 is a class.")
    buffer_before_minutes: int = Field(0, ge=0, le=1440, description="Kept free before.")
    buffer_after_minutes: int = Field(0, ge=0, le=1440, description="Kept free after.")
    step_minutes: int | None = Field(None, ge=5, le=1440, description="Between starts; default: the duration, at most 30.")
    notice_minutes: int = Field(0, ge=0, le=525_600, description="Book at least so long before.")
    days_ahead: int = Field(365, ge=1, le=730, description="Book at most so far ahead.")
    cancel_hours: int = Field(24, ge=0, le=8760, description="Cancelling is free until so long before.")
    late_fee_percent: int = Field(0, ge=0, le=100, description="Of the price, for cancelling later.")
    may_overlap: bool = Field(default=False, description="A customer may have it beside another booking.")
    resources: list[Thing] = Field([], max_length=MOST_RESOURCES, description="Rooms, chairs: one booking each at a time.")


class ServiceShown(Answer):
    """A service."""

    service_id: ServiceId
    name: str
    description: str | None = Field(description="What it is.")
    duration_minutes: int = Field(description="How long it takes.")
    price: str = Field(description="Decimal, in the currency's major unit.")
    currency: str
    capacity: int = Field(description="Customers at once.")
    buffer_before_minutes: int = Field(description="Kept free before.")
    buffer_after_minutes: int = Field(description="Kept free after.")
    step_minutes: int | None = Field(description="Between starts.")
    notice_minutes: int = Field(description="Book at least so long before.")
    days_ahead: int = Field(description="Book at most so far ahead.")
    cancel_hours: int = Field(description="Cancelling is free until so long before.")
    late_fee_percent: int = Field(description="Of the price, for cancelling later.")
    may_overlap: bool = Field(description="A customer may have it beside another booking.")
    is_offered: bool = Field(description="Whether it can be booked.")
    resources: list[str] = Field(description="What it needs for itself alone.")
    tier_id: TierId | None = Field(description="Only members of this tier may book it.")


@operation("bookings", Effect.WRITE, example=EXAMPLE)
def create_service(call: Call, asked: ServiceTerms) -> ServiceShown:
    """Add a service that can be booked. It is offered 09:00-18:00 daily at once, until set_schedule says otherwise."""
    currency = asked.currency or currency_in(call.session.get_one(Workspace, call.workspace).country)
    kept = asked.model_dump(include={"name", "description", *TERMS, *POLICY})
    service = Service(id=new_id(), workspace_id=call.workspace, currency=currency, price_minor=as_minor(asked.price, currency), **kept)
    call.session.add(service)
    call.session.flush()
    _use(call, service.id, asked.resources)
    return _told(call, service, "service.created")


class ServiceChange(Asked):
    """What to change; the rest stays."""

    service_id: ServiceId = Field(description="From list_services.")
    name: OneLine | None = Field(None, min_length=1, max_length=LONGEST_NAME, description="As customers know it.")
    duration_minutes: int | None = Field(None, ge=1, le=1440, description="How long it takes.")
    price: Amount | None = Field(None, description="Decimal: 49.00.")
    description: Readable | None = Field(None, max_length=2000, description="What it is.")
    capacity: int | None = Field(None, ge=1, le=500, description="Customers at once.")
    buffer_before_minutes: int | None = Field(None, ge=0, le=1440, description="Kept free before.")
    buffer_after_minutes: int | None = Field(None, ge=0, le=1440, description="Kept free after.")
    step_minutes: int | None = Field(None, ge=5, le=1440, description="Between starts.")
    notice_minutes: int | None = Field(None, ge=0, le=525_600, description="Book at least so long before.")
    days_ahead: int | None = Field(None, ge=1, le=730, description="Book at most so far ahead.")
    cancel_hours: int | None = Field(None, ge=0, le=8760, description="Free cancelling until so long before.")
    late_fee_percent: int | None = Field(None, ge=0, le=100, description="Of the price, for cancelling later.")
    may_overlap: bool | None = Field(None, description="May lie beside another booking of the customer.")
    is_offered: bool | None = Field(None, description="false: cannot be booked any more.")
    resources: list[Thing] | None = Field(None, max_length=MOST_RESOURCES, description="All that it needs for itself.")


@operation("bookings", Effect.SET, example={"serviceId": "svc_01990000000070008000000000000000", "price": "55.00"})
def update_service(call: Call, asked: ServiceChange) -> ServiceShown:
    """Change a service, or stop offering it. Bookings that exist keep their time, price and terms."""
    service = service_of(call, asked.service_id)
    changed = asked.model_dump(exclude_none=True, exclude={"service_id", "price", "resources"})
    if asked.price is not None:
        changed["price_minor"] = as_minor(asked.price, service.currency)
    for name, value in changed.items():
        setattr(service, name, value)
    call.session.flush()
    if asked.resources is not None:
        call.session.execute(delete(ServiceResource).where(ServiceResource.service_id == service.id, ServiceResource.workspace_id == call.workspace))
        _use(call, service.id, asked.resources)
    return _told(call, service, "service.updated")


class SetServiceTier(Asked):
    """Which service, and for whom."""

    service_id: ServiceId = Field(description="From list_services.")
    tier_id: TierId | None = Field(description="From list_tiers; null: for everybody again.")


@operation("bookings", Effect.SET, example={"serviceId": "svc_01990000000070008000000000000000", "tierId": "tier_01990000000070008000000000000000"})
def set_service_tier(call: Call, asked: SetServiceTier) -> ServiceShown:
    """Let only members of a tier book a service, or everybody again. Bookings that exist stay."""
    service = service_of(call, asked.service_id)
    service.tier_id = tier_named(call, asked.tier_id).id if asked.tier_id else None
    call.session.flush()
    return _told(call, service, "service.updated")


class ListServices(Asked):
    """Which page."""

    search: str | None = Field(None, max_length=LONGEST_NAME, description="Part of the name.")
    include_retired: bool = Field(default=False, description="Also what is not offered any more.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: ServiceId | None = Field(None, description="nextCursor of the page before.")


class Services(Answer):
    """A page of services."""

    items: list[ServiceShown]
    next_cursor: ServiceId | None = None
    total: int


@operation("bookings", Effect.READ)
def list_services(call: Call, asked: ListServices) -> Services:
    """List the services that can be booked, with price, duration and terms."""
    mine: list[ColumnElement[bool]] = [Service.workspace_id == call.workspace]
    mine += [] if asked.include_retired else [Service.is_offered.is_(True)]
    mine += [Service.name.icontains(asked.search, autoescape=True)] if asked.search else []
    total = call.session.scalar(select(func.count()).select_from(Service).where(*mine)) or 0
    page = select(Service).where(*mine, *([Service.id > asked.cursor] if asked.cursor else []))
    found = list(call.session.scalars(page.order_by(Service.id).limit(asked.limit + 1)))
    listed = found[: asked.limit]
    used = _resources(call, [service.id for service in listed])
    items = [_shown(service, used.get(service.id, [])) for service in listed]
    return Services(items=items, next_cursor=listed[-1].id if len(found) > len(listed) else None, total=total)


def _use(call: Call, service: UUID, names: list[str]) -> None:
    wanted = sorted(set(names))
    if not wanted:
        return
    rows = [{"id": new_id(), "workspace_id": call.workspace, "name": name} for name in wanted]
    call.session.execute(insert(Resource).values(rows).on_conflict_do_nothing())
    found = call.session.scalars(select(Resource.id).where(Resource.workspace_id == call.workspace, Resource.name.in_(wanted)))
    links = [{"workspace_id": call.workspace, "service_id": service, "resource_id": resource} for resource in found]
    call.session.execute(insert(ServiceResource).values(links))


def _resources(call: Call, services: list[UUID]) -> dict[UUID, list[str]]:
    joined = select(ServiceResource.service_id, Resource.name).join(Resource, Resource.id == ServiceResource.resource_id)
    mine = joined.where(ServiceResource.workspace_id == call.workspace, ServiceResource.service_id.in_(services))
    used: dict[UUID, list[str]] = {}
    for service, name in call.session.execute(mine.order_by(Resource.name)):
        used.setdefault(service, []).append(name)
    return used


def _told(call: Call, service: Service, deed: str) -> ServiceShown:
    subject = show("svc", service.id)
    happened(call, deed, subject)
    note(call.session, Actor.of(call), deed, subject)
    return _shown(service, _resources(call, [service.id]).get(service.id, []))


def _shown(service: Service, resources: list[str]) -> ServiceShown:
    kept: dict[str, Any] = {name: getattr(service, name) for name in ("name", "description", "currency", "is_offered", "tier_id", *TERMS, *POLICY)}
    return ServiceShown(service_id=service.id, price=as_decimal(service.price_minor, service.currency), resources=resources, **kept)
