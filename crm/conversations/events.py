"""What a customer wrote is kept once, threaded to them, and a word that stops is a fact for the next claim; nothing else follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from approvals.hearing import heard_from, heard_start, heard_stop
from crm.contacts.tables import Account, Consent
from crm.conversations.tables import Conversation, Heard
from crm.conversations.words import Word, word_in
from kernel.call import Caller
from kernel.db import raw
from kernel.keys import new_id, show
from outbox.dispatch import MessageEvent
from outbox.events import Actor, happened_in, note
from outbox.handlers import NotForUs, on_message

WRITERS = "SELECT workspace_id FROM writers_to(%s, %s, %s)"
CUSTOMER = Caller("public", None, "the customer")


@on_message
def customer_wrote(session: Session, event: MessageEvent) -> None:
    """Keep it with whoever wrote to them last from there; a stop holds for everybody who did or was about to. Raises NotForUs for a stranger.

    What came to a workspace's own account is that workspace's alone.
    """
    places = (
        [UUID(event.owner)] if event.owner else raw(session).cursor(row_factory=scalar_row).execute(WRITERS, (event.channel, event.sender, event.to)).fetchall()
    )
    if not places:
        msg = "nobody here has written to this address, and it is no customer's"
        raise NotForUs(msg)
    word = word_in(event.body)
    if not _keep(session, places[0], event, word):
        return
    if event.channel == "whatsapp":
        heard_from(session, places[0], (event.to, event.sender), datetime.fromtimestamp(event.at, UTC))
    if word in ("stop", "start"):
        for workspace in places:
            _obey(session, workspace, event, word)


def _keep(session: Session, workspace: UUID, event: MessageEvent, word: Word | None) -> bool:
    """False when the very same message was kept before."""
    conversation = _conversation(session, workspace, event)
    row = {"id": new_id(), "workspace_id": workspace, "conversation_id": conversation, "provider": event.provider, "provider_ref": event.ref}
    row |= {"body": event.body, "media": event.media, "word": word, "at": datetime.fromtimestamp(event.at, UTC)}
    kept = session.scalar(insert(Heard).values(row).on_conflict_do_nothing().returning(Heard.id))
    if kept:
        happened_in(session, workspace, "message.received", show("cnv", conversation), channel=event.channel, word=word)
    return kept is not None


def _conversation(session: Session, workspace: UUID, event: MessageEvent) -> UUID:
    at = datetime.fromtimestamp(event.at, UTC)
    row: dict[str, Any] = {"id": new_id(), "workspace_id": workspace, "channel": event.channel, "address": event.sender, "last_in_at": at}
    row["account_id"] = _account(session, workspace, event.sender)
    new = insert(Conversation).values(row)
    further = {"last_in_at": func.greatest(Conversation.last_in_at, at), "account_id": func.coalesce(Conversation.account_id, new.excluded.account_id)}
    keys = [Conversation.workspace_id, Conversation.channel, Conversation.address]
    return session.scalars(new.on_conflict_do_update(index_elements=keys, set_=further).returning(Conversation.id)).one()


def _account(session: Session, workspace: UUID, phone: str) -> UUID | None:
    mine = select(Account.id).where(Account.workspace_id == workspace, Account.phone == phone)
    return session.scalars(mine.order_by(Account.id).limit(1)).first()


def _obey(session: Session, workspace: UUID, event: MessageEvent, word: Word) -> None:
    """The customer's own word, on this channel, with their message as its evidence."""
    said = f"wrote “{event.body.strip()[:40]}”"
    if word == "stop":
        heard_stop(session, workspace, (event.channel, event.sender), said)
    elif not heard_start(session, workspace, (event.channel, event.sender)):
        return  # a yes to something else
    account = _account(session, workspace, event.sender)
    if account:
        consent = Consent(id=new_id(), workspace_id=workspace, account_id=account, channel=event.channel, is_given=word == "start")
        consent.source, consent.evidence, consent.said_by = "customer", said, CUSTOMER.shown()
        session.add(consent)
        session.flush()
    deed = "consent.given" if word == "start" else "consent.withdrawn"
    happened_in(session, workspace, deed, show("acc", account) if account else event.channel, channel=event.channel, source="customer")
    note(session, Actor(workspace, CUSTOMER), deed, show("acc", account) if account else event.channel, channel=event.channel, source="customer")
