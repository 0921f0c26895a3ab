"""Offers: a service as it can be booked now, with who serves, when they are there, and what is taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.bookings.hours import DAY, EVERY_DAY, Week, open_spans, read_hours, read_off
from crm.bookings.slots import NOBODY, Diary, Free, Server, Shape, Taken, free_at, is_on_time, starts
from crm.bookings.spans import Span
from crm.bookings.tables import Schedule, Service, ServiceResource
from kernel.call import Call
from kernel.clock import zone_of
from kernel.db import raw
from kernel.errors import NotFound
from kernel.tenancy import Workspace

WIDEST_STEP = 30
"""Minutes between two starts, unless the service says otherwise or is shorter."""
SERVERS = """
SELECT s.id, s.id, s.name FROM staff s WHERE s.workspace_id = %(workspace)s AND s.is_active AND (
    NOT EXISTS (SELECT FROM staff_service d WHERE d.staff_id = s.id)
    OR EXISTS (SELECT FROM staff_service d WHERE d.staff_id = s.id AND d.service_id = %(service)s))
ORDER BY s.id
"""
# Not the customers' own time: whether that is free depends on who books.
TAKEN = """
SELECT holder_id, sitting_id, lower(during), upper(during), array_agg(seat) FROM occupancy
WHERE workspace_id = %(workspace)s AND holder <> 'customer' AND holder_id = ANY(%(holders)s)
  AND during && tstzrange(%(start)s, %(end)s) AND booking_id <> %(except)s
GROUP BY holder_id, sitting_id, during
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service and everything that decides where it fits."""

    service: Service
    shape: Shape
    zone: ZoneInfo
    servers: tuple[Server, ...]
    resources: tuple[UUID, ...]
    weeks: dict[UUID, Week]

    @property
    def shared(self) -> tuple[UUID, ...]:
        """What every booking of it needs whoever serves: the resources, and the service's own diary from before there was staff."""
        return (self.service.id, *self.resources)

    @property
    def holders(self) -> list[UUID]:
        """Everything that may be busy."""
        return sorted({*self.shared, *(server.id for server in self.servers)})


def load(call: Call, service: Service, staff: UUID | None = None) -> Offer:
    """The service as it stands; with one of the staff only, when that is asked for. Raises NotFound when they do not do it."""
    workspace = call.session.get_one(Workspace, call.workspace)
    servers = _servers(call, service, staff)
    used = select(ServiceResource.resource_id).where(ServiceResource.service_id == service.id, ServiceResource.workspace_id == call.workspace)
    resources = tuple(call.session.scalars(used))
    return Offer(service, shape_of(service), zone_of(workspace.zone), servers, resources, _weeks(call, servers))


def shape_of(service: Service) -> Shape:
    """What of the service decides where it fits."""
    return Shape(
        service=service.id,
        duration=timedelta(minutes=service.duration_minutes),
        before=timedelta(minutes=service.buffer_before_minutes),
        after=timedelta(minutes=service.buffer_after_minutes),
        step=timedelta(minutes=service.step_minutes or min(service.duration_minutes, WIDEST_STEP)),
        capacity=service.capacity,
        notice=timedelta(minutes=service.notice_minutes),
        ahead=timedelta(days=service.days_ahead),
    )


def _servers(call: Call, service: Service, staff: UUID | None) -> tuple[Server, ...]:
    call.session.flush()
    found = raw(call.session).execute(SERVERS, {"workspace": call.workspace, "service": service.id}).fetchall()
    every = tuple(Server(*row) for row in found)
    if staff is None:
        return every or (Server(service.id),)
    chosen = tuple(server for server in every if server.staff == staff)
    if not chosen:
        raise NotFound("Nobody with this staffId does this service.", next_step="Find who does with list_staff, or leave staffId out.")
    return chosen


def _weeks(call: Call, servers: Sequence[Server]) -> dict[UUID, Week]:
    kept = {row.staff_id: row for row in call.session.scalars(select(Schedule).where(Schedule.workspace_id == call.workspace))}
    return {server.id: week_of(kept, server.staff) for server in servers}


def week_of(kept: dict[UUID | None, Schedule], staff: UUID | None) -> Week:
    """When somebody is there: by their own hours, else by those of the business; and never on its days off."""
    business, own = kept.get(None), kept.get(staff)
    hours = next((read_hours(row.hours) for row in (own, business) if row is not None and row.hours is not None), EVERY_DAY)
    off = tuple(day for row in {own, business} if row is not None for day in read_off(row.days_off))
    return Week(hours, off)


def free_slots(call: Call, offer: Offer, days: tuple[date, date], moved: UUID = NOBODY) -> dict[datetime, list[Free]]:
    """The free starts from the first to the last of these local days, in order, each with whoever is free; `moved` is not in its own way."""
    first, last = days
    diaries = _diaries(call, offer, days, moved)
    found: dict[datetime, list[Free]] = defaultdict(list)
    for server in offer.servers:
        opened = list(open_spans(offer.weeks[server.id], (first - DAY, last + DAY), offer.zone))
        for start in starts(offer.shape, opened):
            if first <= start.astimezone(offer.zone).date() <= last and is_on_time(offer.shape, start, call.moment):
                free = free_at(offer.shape, server, start, diaries[server.id])
                found[start].extend([free] if free else [])
    return {start: found[start] for start in sorted(found) if found[start]}


def _diaries(call: Call, offer: Offer, days: tuple[date, date], moved: UUID) -> dict[UUID, Diary]:
    """One query for all days and all that may be busy."""
    start, end = (datetime.combine(day, datetime.min.time(), offer.zone) for day in (days[0] - 2 * DAY, days[1] + 3 * DAY))
    asked = {"workspace": call.workspace, "holders": offer.holders, "start": start, "end": end, "except": moved}
    taken: dict[UUID, list[Taken]] = defaultdict(list)
    for holder, sitting, begins, ends, seats in raw(call.session).execute(TAKEN, asked):
        taken[holder].append(Taken(Span(begins, ends), sitting, frozenset(seats)))
    shared = [one for holder in offer.shared for one in taken[holder]]
    return {server.id: Diary([*shared, *(taken[server.id] if server.staff else [])]) for server in offer.servers}
