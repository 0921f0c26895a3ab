"""The tools about staff and schedules: who serves, and when they are there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crm.access import team
from crm.access.team import UserId
from crm.bookings.hours import EVERY_DAY, WEEKDAYS, DayOff, Hours, Opening, clash, openings, read_hours
from crm.bookings.shapes import ServiceId, StaffId, service_of
from crm.bookings.tables import Schedule, Skill, Staff
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import new_id, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from kernel.tenancy import Workspace
from outbox.content import OneLine
from outbox.events import Actor, happened, note

LONGEST_NAME = 120
MOST_HOURS = 50
MOST_DAYS_OFF = 200
MOST_SERVICES = 100


class CreateStaff(AskedOnce):
    """Somebody new."""

    name: OneLine = Field(min_length=1, max_length=LONGEST_NAME, description="As customers know them.")
    service_ids: list[ServiceId] = Field([], max_length=MOST_SERVICES, description="What they do; everything when left out.")
    user_id: UserId | None = Field(None, description="Who of list_team_members this is.")


class OpenHours(Answer):
    """Open on a weekday."""

    day: str = Field(description="mon to sun.")
    opens: str = Field(description="By the clock on the wall.")
    closes: str = Field(description="By the clock on the wall.")


class StaffShown(Answer):
    """Somebody who serves customers."""

    staff_id: StaffId
    name: str
    is_active: bool = Field(description="Whether they can be booked.")
    user_id: UserId | None = Field(None, description="Who of the team this is.")
    service_ids: list[ServiceId] = Field(description="What they do; everything when empty.")
    hours: list[OpenHours] | None = Field(None, description="Their own; null: those of the business.")
    days_off: list[dict[str, Any]] = Field(default_factory=list, description="from, to and reason of each.")


@operation("bookings", Effect.WRITE, example={"name": "Ana", "serviceIds": []})
def create_staff(call: Call, asked: CreateStaff) -> StaffShown:
    """Add somebody who serves customers. From then on slots are theirs, in the hours of the business until set_schedule gives them their own."""
    somebody = Staff(id=new_id(), workspace_id=call.workspace, name=asked.name)
    call.session.add(somebody)
    call.session.flush()
    _link(call, somebody, asked.user_id)
    _teach(call, somebody.id, asked.service_ids)
    return _told(call, somebody, "staff.created")


def _link(call: Call, somebody: Staff, user: UUID | None) -> None:
    """Say who of the team somebody is; each is one at most. Raises NotFound, Conflict."""
    if user is None:
        return
    person = team.find(call.session, call.workspace, user)
    taken = select(Staff.id).where(Staff.workspace_id == call.workspace, Staff.person_id == person.id, Staff.id != somebody.id)
    if call.session.scalar(taken):
        raise Conflict("This person of the team is somebody else of the staff already.", next_step="See list_staff.")
    somebody.person_id = person.id
    call.session.flush()


class UpdateStaff(Asked):
    """What to change; the rest stays."""

    staff_id: StaffId = Field(description="From list_staff.")
    name: OneLine | None = Field(None, min_length=1, max_length=LONGEST_NAME, description="As customers know them.")
    is_active: bool | None = Field(None, description="false: cannot be booked any more.")
    service_ids: list[ServiceId] | None = Field(None, max_length=MOST_SERVICES, description="All they do; [] for everything.")
    user_id: UserId | None = Field(None, description="Who of list_team_members this is.")


@operation("bookings", Effect.SET, example={"staffId": "stf_01990000000070008000000000000000", "isActive": False})
def update_staff(call: Call, asked: UpdateStaff) -> StaffShown:
    """Change a person's name or services, or take no more bookings for them. Bookings that exist stay."""
    somebody = staff_of(call, asked.staff_id)
    for name, value in asked.model_dump(exclude_none=True, include={"name", "is_active"}).items():
        setattr(somebody, name, value)
    call.session.flush()
    _link(call, somebody, asked.user_id)
    if asked.service_ids is not None:
        call.session.execute(delete(Skill).where(Skill.staff_id == somebody.id, Skill.workspace_id == call.workspace))
        _teach(call, somebody.id, asked.service_ids)
    return _told(call, somebody, "staff.updated")


class ListStaff(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: StaffId | None = Field(None, description="nextCursor of the page before.")


class StaffList(Answer):
    """A page of the staff, and the hours of the business."""

    items: list[StaffShown]
    next_cursor: StaffId | None = None
    timezone: str
    business_hours: list[OpenHours] = Field(description="For whoever has no hours of their own.")
    business_days_off: list[dict[str, Any]] = Field(description="Closed for everybody.")


@operation("bookings", Effect.READ)
def list_staff(call: Call, asked: ListStaff) -> StaffList:
    """List who serves customers, what they do and when, and the hours of the business itself."""
    page = select(Staff).where(Staff.workspace_id == call.workspace, *([Staff.id > asked.cursor] if asked.cursor else []))
    found = list(call.session.scalars(page.order_by(Staff.id).limit(asked.limit + 1)))
    listed = found[: asked.limit]
    business = _schedules(call, [None]).get(None)
    return StaffList(
        items=_shown(call, listed),
        next_cursor=listed[-1].id if len(found) > len(listed) else None,
        timezone=call.session.get_one(Workspace, call.workspace).zone,
        business_hours=_hours(read_hours(business.hours) if business and business.hours is not None else EVERY_DAY),
        business_days_off=business.days_off if business else [],
    )


class SetSchedule(Asked):
    """Hours and days off."""

    staff_id: StaffId | None = Field(None, description="Whose; the whole business when left out.")
    hours: list[Hours] | None = Field(None, max_length=MOST_HOURS, description="The whole week; what is not in it is closed. Left out: stays.")
    days_off: list[DayOff] | None = Field(None, max_length=MOST_DAYS_OFF, description="All of them. Left out: stay.")


class ScheduleShown(Answer):
    """What holds now."""

    staff_id: StaffId | None = None
    timezone: str
    hours: list[OpenHours] | None = Field(description="null: those of the business.")
    days_off: list[dict[str, Any]] = Field(description="from, to and reason of each.")


@operation(
    "bookings",
    Effect.SET,
    example={"hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "09:00", "closes": "18:00"}], "daysOff": [{"from": "2026-12-25"}]},
)
def set_schedule(call: Call, asked: SetSchedule) -> ScheduleShown:
    """Set the weekly hours and days off of the business, or of one person, by the clock on the wall. Bookings that exist stay."""
    if asked.staff_id is not None:
        staff_of(call, asked.staff_id)
    changed = {**_week(asked.hours), **_off(asked.days_off)}
    row = {"id": new_id(), "workspace_id": call.workspace, "staff_id": asked.staff_id, "hours": None, "days_off": [], **changed}
    made = insert(Schedule).values(row)
    kept = made.on_conflict_do_update(index_elements=["workspace_id", "staff_id"], set_=changed) if changed else made.on_conflict_do_nothing()
    call.session.execute(kept)
    subject = show("stf", asked.staff_id) if asked.staff_id else show("org", call.workspace)
    happened(call, "schedule.set", subject)
    note(call.session, Actor.of(call), "schedule.set", subject)
    now = _schedules(call, [asked.staff_id])[asked.staff_id]
    zone = call.session.get_one(Workspace, call.workspace).zone
    hours = _hours(read_hours(now.hours)) if now.hours is not None else None
    return ScheduleShown(staff_id=asked.staff_id, timezone=zone, hours=hours, days_off=now.days_off)


def staff_of(call: Call, staff: UUID) -> Staff:
    """Somebody of the staff. Raises NotFound."""
    row = call.session.scalar(select(Staff).where(Staff.id == staff, Staff.workspace_id == call.workspace))
    if row is None:
        raise NotFound("There is nobody with this staffId in this workspace.", next_step="Find them with list_staff.")
    return row


def _week(hours: list[Hours] | None) -> dict[str, Any]:
    if hours is None:
        return {}
    week = openings(hours)
    twice = clash(week)
    if twice:
        msg = f"'hours' overlap on {WEEKDAYS[twice.weekday]} at {_clock(twice.opens)}."
        raise InvalidArguments(msg)
    return {"hours": [list(opening) for opening in week]}


def _off(days: list[DayOff] | None) -> dict[str, Any]:
    if days is None:
        return {}
    return {"days_off": [{"from": day.first.isoformat(), "to": (day.last or day.first).isoformat(), "reason": day.reason} for day in days]}


def _teach(call: Call, staff: UUID, services: list[UUID]) -> None:
    for service in sorted(set(services)):
        call.session.add(Skill(workspace_id=call.workspace, staff_id=staff, service_id=service_of(call, service).id))
    call.session.flush()


def _told(call: Call, somebody: Staff, deed: str) -> StaffShown:
    subject = show("stf", somebody.id)
    happened(call, deed, subject)
    note(call.session, Actor.of(call), deed, subject)
    return _shown(call, [somebody])[0]


def _schedules(call: Call, staff: list[UUID | None]) -> dict[UUID | None, Schedule]:
    rows = call.session.scalars(select(Schedule).where(Schedule.workspace_id == call.workspace).execution_options(populate_existing=True))
    return {row.staff_id: row for row in rows if row.staff_id in staff}


def _shown(call: Call, listed: list[Staff]) -> list[StaffShown]:
    ids = [somebody.id for somebody in listed]
    does: dict[UUID, list[UUID]] = {}
    for row in call.session.scalars(select(Skill).where(Skill.workspace_id == call.workspace, Skill.staff_id.in_(ids))):
        does.setdefault(row.staff_id, []).append(row.service_id)
    kept = _schedules(call, [*ids])
    return [_one(somebody, sorted(does.get(somebody.id, [])), kept.get(somebody.id)) for somebody in listed]


def _one(somebody: Staff, services: list[UUID], kept: Schedule | None) -> StaffShown:
    hours = _hours(read_hours(kept.hours)) if kept is not None and kept.hours is not None else None
    off = kept.days_off if kept is not None else []
    return StaffShown(
        staff_id=somebody.id, name=somebody.name, is_active=somebody.is_active, user_id=somebody.person_id, service_ids=services, hours=hours, days_off=off
    )


def _hours(week: tuple[Opening, ...]) -> list[OpenHours]:
    return [OpenHours(day=WEEKDAYS[one.weekday], opens=_clock(one.opens), closes=_clock(one.closes)) for one in week]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
