"""The tools about templates: write one, list them, see one filled."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from crm.templates.approved import check_channel, kept_as
from crm.templates.gaps import ABOUT_A_BOOKING, gaps_in
from crm.templates.tables import Template, TemplateVersion
from kernel.call import Call
from kernel.db import raw, stand_in_line
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import Wire, new_id, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Channel, OneLine, Readable
from outbox.events import Actor, happened, note
from outbox.kinds.email import BODY_LIMIT, SUBJECT_LIMIT
from outbox.kinds.sms import LIMIT

TemplateId = Annotated[UUID, Wire("tpl")]
FILLED = ", ".join(f"{{{{{name}}}}}" for name in sorted(ABOUT_A_BOOKING))


class NameTaken(Conflict):
    """A template with this name exists already."""

    code = "template_exists"
    next_step = "Give its templateId to write a new version of it (list_message_templates), or choose another name."


class CreateMessageTemplate(AskedOnce):
    """The words of a template, or new words for one."""

    name: OneLine = Field(min_length=1, max_length=80, description="What you call it.")
    channel: Channel = Field(description="whatsapp, sms or email.")
    body: Readable = Field(max_length=BODY_LIMIT, description=f"The text. Filled by Sayso about a booking: {FILLED}.")
    subject: OneLine | None = Field(None, max_length=SUBJECT_LIMIT, description="For e-mail only, and needed there.")
    template_id: TemplateId | None = Field(None, description="To write a new version of this one.")
    content_sid: str | None = Field(None, pattern=r"^HX[0-9a-f]{32}$", description="WhatsApp: Twilio's id of the approved template that says this text.")
    language: OneLine | None = Field(None, min_length=2, max_length=16, description="WhatsApp: the approved template's language at Twilio, such as en.")
    content_variables: list[str] | None = Field(None, max_length=20, description="The variable that each of its numbers is; left out: as they come.")


class TemplateShown(Answer):
    """A template, in its newest version."""

    template_id: TemplateId
    name: str
    channel: str
    version: int = Field(description="1 for its first words; one more each time they change.")
    subject: str | None = Field(None, description="Of an e-mail.")
    body: str = Field(description="The words with their gaps.")
    content_sid: str | None = Field(None, description="The approved template as which it leaves by WhatsApp.")
    variables: list[str] = Field(description="The gaps in it, by name.")
    created_at: datetime
    next_step: str = "Nothing is sent by it alone: give it to set_reminder_rule, or to send_whatsapp_message with its variables."


@operation("messaging", Effect.WRITE, example={"name": "Day before", "channel": "sms", "body": "See you {{date}} at {{time}}, {{first_name}}."})
def create_message_template(call: Call, asked: CreateMessageTemplate) -> TemplateShown:
    """Write a message template with {{variables}}, or a new version of one. A version never changes, and rules keep the one they were allowed with."""
    _check(asked)
    template = asked.template_id or _new(call, asked)
    row = version_of(call, template, locked=True) if asked.template_id else None
    if row and (row[0].channel, row[0].name) != (asked.channel, asked.name):
        raise InvalidArguments("A new version keeps the name and the channel.", next_step="Leave them as they are, or write another template.")
    words = TemplateVersion(
        id=new_id(),
        workspace_id=call.workspace,
        template_id=template,
        version=row[1].version + 1 if row else 1,
        subject=asked.subject,
        body=asked.body,
        approved=_approved(asked),
        written_by=call.caller.shown(),
    )
    call.session.add(words)
    call.session.flush()
    happened(call, "template.written", show("tpl", template), version=words.version)
    note(call.session, Actor.of(call), "template.written", show("tpl", template), version=words.version)
    return _shown(version_of(call, template))


def _approved(asked: CreateMessageTemplate) -> dict[str, Any] | None:
    if asked.content_sid is None or asked.language is None:
        return None
    return kept_as(asked.body, asked.content_sid, asked.language, asked.content_variables)


def _check(asked: CreateMessageTemplate) -> None:
    check_channel(asked.channel, {name: getattr(asked, name) for name in ("content_sid", "language", "content_variables")})
    gaps_in(asked.subject, asked.body)
    if (asked.subject is None) == (asked.channel == "email"):
        raise InvalidArguments("`subject` is for e-mail, and needed there.")
    if asked.channel != "email" and len(asked.body) > LIMIT:
        raise InvalidArguments(f"SMS and WhatsApp take {LIMIT} characters.")


def _new(call: Call, asked: CreateMessageTemplate) -> UUID:
    row = {"id": new_id(), "workspace_id": call.workspace, "name": asked.name, "channel": asked.channel}
    made: UUID | None = call.session.scalar(insert(Template).values(row).on_conflict_do_nothing().returning(Template.id))
    if made is None:
        raise NameTaken
    return made


Versioned = Row[Template, TemplateVersion]


def _newest(call: Call) -> Select[Template, TemplateVersion]:
    latest = select(func.max(TemplateVersion.version)).where(TemplateVersion.template_id == Template.id).correlate(Template).scalar_subquery()
    joined = select(Template, TemplateVersion).join(TemplateVersion, TemplateVersion.template_id == Template.id)
    return joined.where(Template.workspace_id == call.workspace, TemplateVersion.version == latest)


def version_of(call: Call, template: UUID, *, locked: bool = False) -> Versioned:
    """A template and its newest version. Raises NotFound."""
    if locked:
        stand_in_line(raw(call.session), template.hex)  # two who write a version at once write two, one after the other
    row = call.session.execute(_newest(call).where(Template.id == template)).first()
    if row is None:
        raise NotFound("There is no such template in this workspace.", next_step="Find it with list_message_templates.")
    return row


def _shown(row: Versioned) -> TemplateShown:
    template, words = row
    return TemplateShown(
        template_id=template.id,
        name=template.name,
        channel=template.channel,
        version=words.version,
        subject=words.subject,
        body=words.body,
        content_sid=words.approved and words.approved["content_sid"],
        variables=sorted(gaps_in(words.subject, words.body)),
        created_at=words.created_at,
    )


class ListMessageTemplates(Asked):
    """Which page."""

    channel: Channel | None = Field(None, description="Only those of this channel.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: TemplateId | None = Field(None, description="nextCursor of the page before.")


class Templates(Answer):
    """A page of templates."""

    items: list[TemplateShown]
    next_cursor: TemplateId | None = None


@operation("messaging", Effect.READ)
def list_message_templates(call: Call, asked: ListMessageTemplates) -> Templates:
    """List the message templates, each in its newest version."""
    mine = [*([Template.channel == asked.channel] if asked.channel else []), *([Template.id > asked.cursor] if asked.cursor else [])]
    rows = call.session.execute(_newest(call).where(*mine).order_by(Template.id).limit(asked.limit + 1)).all()
    page = rows[: asked.limit]
    return Templates(items=[_shown(row) for row in page], next_cursor=page[-1][0].id if len(rows) > len(page) else None)
