"""Telling the deciders: one sealed notice each, with a link and the code that stands beside it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from approvals.links import Invitation, invite
from approvals.people import Person, deciders
from approvals.tables import Approval
from kernel.call import Call, Caller
from kernel.db import after_commit, raw
from kernel.keys import new_id
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox import wake
from outbox.accounts import default_account
from outbox.content import Preview
from outbox.grants import give
from outbox.intents import Drafted, append
from outbox.kinds.notice import Notice
from outbox.snapshot import Snapshot

SYSTEM = Caller("system", None, "sayso")
CHANNEL_NAMES = {"whatsapp": "a WhatsApp message", "sms": "an SMS", "email": "an e-mail"}


def tell_deciders(call: Call, approval: Approval, preview: list[Preview]) -> None:
    """Write a notice with a link of its own for everybody who may decide."""
    for person in deciders(call.session, call.workspace):
        invitation = invite(call.session, call.settings.secret, approval, person, approval.expires_at)
        send_notice(call.session, call.settings, person, _letter(call, approval, preview, (person, invitation)))


def send_notice(session: Session, settings: Settings, person: Person, letter: Notice) -> UUID:
    """Send system mail to one of the workspace's own people; it needs no approval, and the database lets it go nowhere else."""
    account = default_account(settings, letter.channel)
    draft = Drafted(new_id(), account.lane, Snapshot(person.workspace_id, account.sender, letter))
    session.flush()
    append(raw(session), SYSTEM, [draft], settings.secrets)
    give(raw(session), [draft.id], "system")
    after_commit(session, lambda: wake.ring([account.lane]))
    return draft.id


def _letter(call: Call, approval: Approval, preview: list[Preview], to: tuple[Person, Invitation]) -> Notice:
    person, invitation = to
    workspace = call.session.get_one(Workspace, call.workspace)
    what = CHANNEL_NAMES[preview[0].channel]
    many = f" and {len(preview) - 1} more" if len(preview) > 1 else ""
    body = (
        f"Hello {person.name},\n\n"
        f"{approval.asked_by_name} asks to send {what} to {preview[0].recipient}{many} for {workspace.name}.\n"
        f"Nothing is sent unless you approve.\n\n"
        f"Read it and decide: {call.settings.base_url}/a/{invitation.token}\n"
        f"Your code: {invitation.code}\n\n"
        f"The link is yours alone and ends {_local(approval.expires_at, workspace.zone)}.\n"
        f"If you do not decide, nothing is sent.\n"
    )
    return Notice(to=person.email, subject=f"Your say-so is needed: {what}", body=body)


def _local(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%A %d %B, %H:%M (%Z)")
