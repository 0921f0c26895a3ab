"""Telling the deciders: one sealed notice each, with a link and the code that stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from approvals.letters import post
from approvals.links import invite
from approvals.people import Person, deciders
from approvals.tables import Approval
from kernel.call import Call
from kernel.tenancy import Workspace
from outbox.content import Preview
from outbox.kinds.notice import Notice

CHANNEL_NAMES = {"whatsapp": "a WhatsApp message", "sms": "an SMS", "email": "an e-mail"}


def audience(call: Call) -> list[tuple[Person, Workspace]]:
    """Everybody who may decide, each with the business that asks: what must be read before anything is written."""
    workspace = call.session.get_one(Workspace, call.workspace)
    return [(person, workspace) for person in deciders(call.session, call.workspace)]


def tell_deciders(call: Call, approval: Approval, preview: Sequence[Preview], to: Sequence[tuple[Person, Workspace]]) -> None:
    """Write a notice with a link of its own for everybody who may decide; it needs no approval, and the database lets it go nowhere else."""
    post(call.session, call.settings, call.workspace, [_letter(call, approval, preview, each) for each in to])


def _letter(call: Call, approval: Approval, preview: Sequence[Preview], to: tuple[Person, Workspace]) -> Notice:
    person, workspace = to
    invitation = invite(call.session, call.settings.secret, approval, person, approval.expires_at)
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
