"""The tools about what is said by itself: rules, what they plan, and what waits for its moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from approvals import gate
from crm.reminders import plans, rules
from crm.reminders.plans import BookingId, ReminderId, ReminderShown
from crm.reminders.rules import Event, Listed, Status, Wanted
from crm.templates.filling import about_booking
from crm.templates.gaps import ABOUT_A_BOOKING, check_known, gaps_in
from crm.templates.tools import TemplateId, version_of
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.keys import Wire
from kernel.operation import Answer, Asked, Effect, operation
from outbox import sends
from outbox.content import Channel
from outbox.sends import IntentId, Send

RuleId = Annotated[UUID, Wire("rul")]
NEXT: dict[Status, str] = {
    "proposed": "Nothing is sent by it yet: an owner or manager reads its words and allows it in the portal, under Reminders.",
    "in_force": "It speaks by itself. list_scheduled_sends shows what it plans.",
    "lapsed": "Its time is over: a person is asked about each message until somebody allows it anew in the portal.",
    "off": "A person turned it off. Do not propose it again unchanged.",
    "ended": "It was ended or replaced.",
}


class SetReminderRule(Asked):
    """When which words are said about a booking."""

    event: Event = Field(description="booking_start (before it), booking_confirmed (after it), booking_completed (after it).")
    offset_minutes: int = Field(ge=0, le=366 * 1440, description="How long before or after; whole days are days on the business's calendar.")
    channel: Channel = Field(description="whatsapp, sms or email.")
    template_id: TemplateId | None = Field(None, description="What it says: the template's newest version. Needed unless enabled is false.")
    enabled: bool = Field(default=True, description="false: end the rule for this event, offset and channel.")


class RuleShown(Answer):
    """A rule, and whether it is in force."""

    rule_id: RuleId
    status: Status = Field(description="proposed, in_force, lapsed, off or ended.")
    event: Event = Field(description="What it speaks before or after.")
    offset_minutes: int = Field(description="How long before or after.")
    when: str = Field(description="The same in words.")
    channel: Channel
    template_id: TemplateId
    template_name: str = Field(description="What the template is called.")
    version: int = Field(description="Which version of the template it says.")
    allowed_by: str | None = Field(None, description="The person who allowed it.")
    allowed_until: datetime | None = Field(None, description="From then on a person is asked about each message.")
    planned: int = Field(description="How many messages it plans.")
    next_step: str


class RulesShown(Answer):
    """The rules."""

    items: list[RuleShown]


@operation(
    "reminders",
    Effect.SET,
    example={"event": "booking_start", "offsetMinutes": 1440, "channel": "sms", "templateId": "tpl_01990000000070008000000000000000"},
)
def set_reminder_rule(call: Call, asked: SetReminderRule) -> RulesShown:
    """Propose that a template is sent by itself before or after bookings. Nothing is sent until a person allows the rule, once."""
    if not asked.enabled:
        rules.end(call, asked.event, asked.offset_minutes, asked.channel)
        return _shown(rules.listed(call.session, call.workspace))
    if asked.template_id is None:
        raise InvalidArguments("`templateId` is needed.", next_step="Write one with create_message_template, or find one with list_message_templates.")
    template, words = version_of(call, asked.template_id)
    if template.channel != asked.channel:
        raise InvalidArguments(f"This template is for {template.channel}.", next_step="Choose that channel, or another template.")
    check_known(gaps_in(words.subject, words.body), ABOUT_A_BOOKING)
    rule = rules.propose(call, Wanted(asked.event, asked.offset_minutes, template, words))
    return _shown([rules.read(call.session, call.workspace, rule)])


class ListReminderRules(Asked):
    """Which rules."""

    include_ended: bool = Field(default=False, description="Those too that have ended.")


@operation("reminders", Effect.READ)
def list_reminder_rules(call: Call, asked: ListReminderRules) -> RulesShown:
    """List the rules by which messages about bookings go out by themselves, and whether a person has allowed them."""
    return _shown(rules.listed(call.session, call.workspace, ended=asked.include_ended))


def _shown(found: Sequence[Listed]) -> RulesShown:
    return RulesShown(items=[_rule(one) for one in found])


def _rule(one: Listed) -> RuleShown:
    same = ("event", "offset_minutes", "channel", "template_id", "template_name", "version", "status", "planned")
    return RuleShown(
        rule_id=one.id,
        when=one.in_words(),
        allowed_by=one.made_by_name,
        allowed_until=one.expires_at,
        next_step=NEXT[one.status],
        **{name: getattr(one, name) for name in same},
    )


class ListReminders(Asked):
    """Which reminders."""

    booking_id: BookingId | None = Field(None, description="Only those about this booking, whatever became of them.")
    limit: int = Field(20, ge=1, le=100, description="How many, soonest first.")
    cursor: ReminderId | None = Field(None, description="nextCursor of the page before.")


class Reminders(Answer):
    """A page of reminders."""

    items: list[ReminderShown]
    next_cursor: ReminderId | None = None


@operation("reminders", Effect.READ)
def list_reminders(call: Call, asked: ListReminders) -> Reminders:
    """List what rules plan to say, soonest first; of one booking also what became of each, and why."""
    found = plans.found(call, asked.limit + 1, booking=asked.booking_id, after=asked.cursor)
    page = found[: asked.limit]
    return Reminders(items=page, next_cursor=page[-1].reminder_id if len(found) > len(page) else None)


class ListScheduledSends(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, soonest first.")
    cursor: IntentId | None = Field(None, description="nextCursor of the page before.")


class ScheduledSends(Answer):
    """What waits for its moment."""

    items: list[Send]
    reminders: list[ReminderShown] = Field(default_factory=list, description="On the first page: the soonest that rules plan; list_reminders has the rest.")
    next_cursor: IntentId | None = None


@operation("reminders", Effect.READ)
def list_scheduled_sends(call: Call, asked: ListScheduledSends) -> ScheduledSends:
    """List the sends that wait for their moment and the reminders that rules plan, soonest first."""
    waiting = sends.scheduled(call.session, call.workspace, asked.limit + 1, asked.cursor)
    page = waiting[: asked.limit]
    ahead = [] if asked.cursor else plans.found(call, asked.limit)
    return ScheduledSends(items=page, reminders=ahead, next_cursor=page[-1].intent_id if len(waiting) > len(page) else None)


class CancelScheduledSend(Asked):
    """Which send."""

    intent_id: IntentId | None = Field(None, description="From list_scheduled_sends or a pending answer.")
    reminder_id: ReminderId | None = Field(None, description="From list_reminders; or give intentId.")


class Cancelled(Answer):
    """It will not be sent."""

    intent_id: IntentId | None = None
    reminder_id: ReminderId | None = None
    status: Literal["cancelled"] = "cancelled"


@operation("reminders", Effect.DESTROY, example={"intentId": "int_01990000000070008000000000000000"})
def cancel_scheduled_send(call: Call, asked: CancelScheduledSend) -> Cancelled:
    """Cancel a send that has not left yet, or a reminder that is planned; answers already_left when it has."""
    if (asked.intent_id is None) == (asked.reminder_id is None):
        raise InvalidArguments("Give either `intentId` or `reminderId`.")
    if asked.intent_id:
        gate.cancel(call, asked.intent_id)
    elif asked.reminder_id:
        plans.cancel(call, asked.reminder_id)
    return Cancelled(intent_id=asked.intent_id, reminder_id=asked.reminder_id)


class PreviewMessageTemplate(Asked):
    """Which template, about which booking."""

    template_id: TemplateId = Field(description="From list_message_templates.")
    booking_id: BookingId = Field(description="From list_bookings: whose data fills the gaps.")


class Filled(Answer):
    """The words with their gaps filled."""

    subject: str | None = Field(None, description="Of an e-mail.")
    body: str = Field(description="The text.")


@operation(
    "reminders",
    Effect.READ,
    example={"templateId": "tpl_01990000000070008000000000000000", "bookingId": "bkg_01990000000070008000000000000000"},
)
def preview_message_template(call: Call, asked: PreviewMessageTemplate) -> Filled:
    """Show a template with the data of a real booking. Nothing is sent."""
    _, words = version_of(call, asked.template_id)
    said = about_booking(call, words, asked.booking_id)
    return Filled(subject=said.get("subject"), body=said["body"])
