"""Segments: a filter with a name, and who meets it now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from crm.contacts import filters
from crm.contacts.filters import LONGEST_SPAN, Condition
from crm.contacts.shapes import LONGEST_NAME, MOST_TAGS, Tag, TierId
from crm.contacts.tables import Account, Segment
from crm.contacts.tiers import tier_named
from kernel.arguments import fitted
from kernel.call import Call
from kernel.db import raw
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import Wire
from kernel.operation import Asked
from outbox.content import Channel

SegmentId = Annotated[UUID, Wire("seg")]
ServiceId = Annotated[UUID, Wire("svc")]
MOST_VISITS = 10_000
SERVICE = "SELECT id FROM service WHERE id = %s AND workspace_id = %s"


class Filter(Asked):
    """Who is meant; all of it must be met."""

    search: str | None = Field(None, min_length=1, max_length=LONGEST_NAME, description="Part of a name or address.")
    tags: list[Tag] = Field([], max_length=MOST_TAGS, description="With all of these tags.")
    inactive_days: int | None = Field(None, ge=1, le=LONGEST_SPAN, description="Without a visit for so many days.")
    tier_id: TierId | None = Field(None, description="Members of this tier.")
    consent_on: Channel | None = Field(None, description="Who agreed to be written to there.")
    service_id: ServiceId | None = Field(None, description="Who came for this service.")
    min_visits: int | None = Field(None, ge=1, le=MOST_VISITS, description="Who came at least so often; for serviceId, if given.")


def conditions(call: Call, meant: Filter) -> list[Condition]:
    """The filter as conditions over the customers of this workspace."""
    who = [*filters.mine(call), *filters.matching(meant.search), *filters.tagged(meant.tags), *filters.in_tier(call, meant.tier_id)]
    return [*who, *filters.inactive(call, meant.inactive_days), *filters.visited(meant.min_visits, meant.service_id), *filters.agreed(meant.consent_on)]


def check(call: Call, meant: Filter) -> None:
    """Raises InvalidArguments for a filter that names nothing: everybody is no segment; NotFound for a service or tier that is not ours."""
    if not meant.model_dump(exclude_defaults=True):
        raise InvalidArguments("The filter names nothing.", next_step="Name at least one thing; send_campaign takes `everybody` without a segment.")
    if meant.tier_id:
        tier_named(call, meant.tier_id)
    if meant.service_id and not raw(call.session).execute(SERVICE, (meant.service_id, call.workspace)).fetchone():
        raise NotFound("There is no such service in this workspace.", next_step="Find it with list_services.")


def segment_of(call: Call, segment: UUID) -> Segment:
    """The segment. Raises NotFound."""
    row = call.session.scalar(select(Segment).where(Segment.id == segment, Segment.workspace_id == call.workspace))
    if row is None:
        raise NotFound("There is no such segment in this workspace.", next_step="Find it with list_segments.")
    return row


def filter_of(segment: Segment) -> Filter:
    """What the segment asks for."""
    return fitted(Filter, segment.filter)


def count(call: Call, wanted: Sequence[Condition]) -> int:
    """How many customers meet these conditions."""
    return call.session.scalar(select(func.count()).select_from(Account).where(*wanted)) or 0
