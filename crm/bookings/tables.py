"""The tables of services, staff, schedules and bookings as classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Service(Row):
    """What can be booked, and on which terms."""

    __tablename__ = "service"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    description: Mapped[str | None]
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int]
    buffer_after_minutes: Mapped[int]
    step_minutes: Mapped[int | None]
    capacity: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    notice_minutes: Mapped[int]
    days_ahead: Mapped[int]
    cancel_hours: Mapped[int]
    late_fee_percent: Mapped[int]
    may_overlap: Mapped[bool]
    is_offered: Mapped[bool] = mapped_column(default=True)
    tier_id: Mapped[UUID | None]
    created_at: Mapped[Stamp]


class Staff(Row):
    """Somebody who serves customers; no credential hangs on it."""

    __tablename__ = "staff"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Stamp]
    person_id: Mapped[UUID | None]


class Skill(Row):
    """That somebody does a service; who has no such row does every service."""

    __tablename__ = "staff_service"

    workspace_id: Mapped[UUID]
    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_id: Mapped[UUID] = mapped_column(primary_key=True)


class Resource(Row):
    """A thing that one booking at a time may use: a room, a chair."""

    __tablename__ = "resource"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]


class ServiceResource(Row):
    """That a service uses a resource."""

    __tablename__ = "service_resource"

    workspace_id: Mapped[UUID]
    service_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(primary_key=True)


class Schedule(Row):
    """The hours and days off of one person, or of the business; see `hours.Hours` and `hours.DayOff` for the JSON."""

    __tablename__ = "schedule"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    staff_id: Mapped[UUID | None]
    hours: Mapped[list[Any] | None] = mapped_column(JSONB)
    days_off: Mapped[list[Any]] = mapped_column(JSONB)


class Booking(Row):
    """A time that a customer has taken."""

    __tablename__ = "booking"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    service_id: Mapped[UUID]
    account_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seat: Mapped[int]
    capacity: Mapped[int]
    price_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    cancel_by: Mapped[datetime]
    late_fee_minor: Mapped[int] = mapped_column(BigInteger)
    cancelled_late: Mapped[bool | None]
    cancel_reason: Mapped[str | None]
    notes: Mapped[str | None]
    created_at: Mapped[Stamp]


class Occupancy(Row):
    """That a booking keeps somebody or something busy; the database refuses two sittings of one holder at once."""

    __tablename__ = "occupancy"

    workspace_id: Mapped[UUID]
    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    holder_id: Mapped[UUID] = mapped_column(primary_key=True)
    holder: Mapped[str]
    sitting_id: Mapped[UUID]
    seat: Mapped[int]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class BookingSend(Row):
    """A message about a booking, so that it dies with what it says."""

    __tablename__ = "booking_send"

    workspace_id: Mapped[UUID]
    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
