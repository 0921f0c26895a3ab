"""The tools about segments: naming who is meant, and seeing who that is before anything is asked for."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.contacts import filters, segments
from crm.contacts.segments import Filter, SegmentId, conditions, filter_of, segment_of
from crm.contacts.shapes import Member, members
from crm.contacts.tables import Account, Segment
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments
from kernel.keys import new_id, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Channel, OneLine
from outbox.events import Actor, note

SAMPLE = 5


class SegmentTaken(Conflict):
    """A segment of this name exists already."""

    code = "segment_exists"
    next_step = "Find it with list_segments, or choose another name."


class CreateSegment(AskedOnce):
    """A name, and who is meant."""

    name: OneLine = Field(min_length=1, max_length=80, description="What you call them.")
    filter: Filter = Field(description="All of it must be met.")


class SegmentShown(Answer):
    """A segment."""

    segment_id: SegmentId
    name: str
    filter: Filter = Field(description="Who is meant.")
    count: int = Field(description="How many that are now.")
    created_at: datetime


@operation("contacts", Effect.WRITE, example={"name": "Lost regulars", "filter": {"tags": ["vip"], "inactiveDays": 90}})
def create_segment(call: Call, asked: CreateSegment) -> SegmentShown:
    """Name a group of customers by what they have in common. Who belongs is asked anew each time."""
    segments.check(call, asked.filter)
    kept = asked.filter.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    segment = Segment(id=new_id(), workspace_id=call.workspace, name=asked.name, filter=kept)
    call.session.add(segment)
    try:
        call.session.flush()
    except IntegrityError as taken:
        raise SegmentTaken from taken
    note(call.session, Actor.of(call), "segment.created", show("seg", segment.id))
    return _shown(call, segment)


def _shown(call: Call, segment: Segment) -> SegmentShown:
    meant = filter_of(segment)
    many = segments.count(call, conditions(call, meant))
    return SegmentShown(segment_id=segment.id, name=segment.name, filter=meant, count=many, created_at=segment.created_at)


class ListSegments(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: SegmentId | None = Field(None, description="nextCursor of the page before.")


class Segments(Answer):
    """A page of segments."""

    items: list[SegmentShown]
    next_cursor: SegmentId | None = None


@operation("contacts", Effect.READ)
def list_segments(call: Call, asked: ListSegments) -> Segments:
    """List the segments, and how many customers each has now."""
    page = select(Segment).where(Segment.workspace_id == call.workspace, *([Segment.id > asked.cursor] if asked.cursor else []))
    found = list(call.session.scalars(page.order_by(Segment.id).limit(asked.limit + 1)))
    listed = found[: asked.limit]
    items = [_shown(call, segment) for segment in listed]
    return Segments(items=items, next_cursor=listed[-1].id if len(found) > len(listed) else None)


class PreviewSegment(Asked):
    """Which segment, or which filter to try."""

    segment_id: SegmentId | None = Field(None, description="From list_segments; or give filter.")
    filter: Filter | None = Field(None, description="A filter to try without naming it.")
    channel: Channel | None = Field(None, description="Also tell who could not be messaged there.")


class SegmentPreview(Answer):
    """Who that is now."""

    count: int = Field(description="How many customers.")
    sample: list[Member] = Field(description="The first few.")
    reachable: int | None = Field(None, description="How many of them a campaign on the channel would go to.")
    excluded: dict[str, int] = Field(default_factory=dict, description="How many it would leave out, by why: no_address, opted_out.")


@operation("contacts", Effect.READ, example={"filter": {"inactiveDays": 90}, "channel": "sms"})
def preview_segment(call: Call, asked: PreviewSegment) -> SegmentPreview:
    """Show who a segment or a filter means now: how many, the first five, and who could not be messaged and why."""
    wanted = conditions(call, _meant(call, asked))
    first = list(call.session.scalars(select(Account).where(*wanted).order_by(Account.id).limit(SAMPLE)))
    seen = SegmentPreview(count=segments.count(call, wanted), sample=members(call, first))
    if asked.channel:
        there = filters.reachable(asked.channel)
        opted_out = segments.count(call, [*wanted, there, filters.silenced(asked.channel)])
        nowhere = segments.count(call, [*wanted, ~there])
        seen.reachable = seen.count - opted_out - nowhere
        seen.excluded = {why: many for why, many in (("no_address", nowhere), ("opted_out", opted_out)) if many}
    return seen


def _meant(call: Call, asked: PreviewSegment) -> Filter:
    if asked.segment_id is not None and asked.filter is None:
        return filter_of(segment_of(call, asked.segment_id))
    if asked.filter is not None and asked.segment_id is None:
        segments.check(call, asked.filter)
        return asked.filter
    raise InvalidArguments("Give either `segmentId` or `filter`.")
