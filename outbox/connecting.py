"""Connecting a workspace's own senders: an owner or a manager gives credentials, replaces them, has them tested, or disconnects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import show
from kernel.settings import Settings
from outbox.accounts import lane_of
from outbox.content import as_address, as_e164
from outbox.credentials import DISCONNECTED, sealed
from outbox.events import Actor, happened_in, note
from outbox.facts import pause_lane
from outbox.senders import ChannelAccount, own

SID = re.compile(r"AC[0-9a-fA-F]{32}")
SECRET = re.compile(r"[!-~]{16,256}")
PUBLIC_KEY = re.compile(r"[A-Za-z0-9+/=]{0,1000}")

LANE = "INSERT INTO lane (id) VALUES (%s) ON CONFLICT DO NOTHING"
ADD = """
INSERT INTO channel_account (id, workspace_id, channel, provider, sender, name, lane, credentials, created_by)
VALUES (%(id)s, %(workspace)s, %(channel)s, %(provider)s, %(sender)s, %(name)s, %(lane)s, %(credentials)s, %(by)s)
ON CONFLICT DO NOTHING
"""
BEFORE = """
SELECT id FROM channel_account WHERE workspace_id = %(workspace)s AND channel = %(channel)s AND provider = %(provider)s AND sender = %(sender)s
    AND (provider <> 'twilio' OR name = %(name)s) AND ended_at IS NOT NULL ORDER BY ended_at DESC LIMIT 1
"""
AGAIN = """
UPDATE channel_account SET credentials = %(credentials)s, connected_at = clock_timestamp(), changed_at = clock_timestamp(), test_due = true,
    fault = NULL, ended_at = NULL
WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NOT NULL
"""
REPLACE = """
UPDATE channel_account SET credentials = %(credentials)s, changed_at = clock_timestamp(), test_due = true, fault = NULL
WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NULL
"""
TEST = "UPDATE channel_account SET test_due = true, changed_at = clock_timestamp() WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NULL"
END = """
UPDATE channel_account SET credentials = NULL, ended_at = clock_timestamp(), changed_at = clock_timestamp(), test_due = false, fault = NULL
WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NULL
"""


class ChannelTaken(Conflict):
    """This channel has an account of yours already."""

    code = "channel_taken"
    next_step = "Replace its credentials, or disconnect it first."


@dataclass(frozen=True, slots=True)
class Asked:
    """One sender to connect: on which channel, by whom it is served, and how the provider names the account ("" where our own id does)."""

    channel: str
    provider: str
    sender: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Connector:
    """A signed-in person who connects: the database takes it from an owner or a manager alone."""

    session: Session
    settings: Settings
    actor: Actor
    person: UUID

    def connect(self, account: UUID, asked: Asked, given: Mapping[str, str]) -> UUID:
        """Connect a sender; tested by a worker before anything is frozen for it. One that was disconnected is the same again.

        Answers its id, which is `account` for a new one. Raises ChannelTaken.
        """
        if any(each.channel == asked.channel for each in own(self.session, self.actor.workspace)):
            raise ChannelTaken
        row = {"channel": asked.channel, "provider": asked.provider, "sender": asked.sender, "name": asked.name or account.hex}
        before = raw(self.session).execute(BEFORE, {"workspace": self.actor.workspace, **row}).fetchone()
        one = UUID(str(before[0])) if before else account
        lane = lane_of(asked.channel, asked.provider, one)
        raw(self.session).execute(LANE, (lane,))
        told = {**row, "id": one, "lane": lane, "by": self.person, "credentials": self._sealed(one, given)}
        if not self._run(AGAIN if before else ADD, **told):
            raise ChannelTaken
        self._tell("connected", one, channel=asked.channel, provider=asked.provider)
        return one

    def replace(self, account: UUID, given: Mapping[str, str]) -> None:
        """Give it other credentials, and every other sender of the same Twilio account too. Raises NotFound."""
        chosen = find(self.session, self.actor.workspace, account)
        for each in own(self.session, self.actor.workspace):
            if (each.provider, each.name) == (chosen.provider, chosen.name):
                self._run(REPLACE, id=each.id, credentials=self._sealed(each.id, given))
                self._tell("credentials_replaced", each.id, channel=each.channel, provider=each.provider)

    def test(self, account: UUID) -> None:
        """Have a worker ask the provider whether it lets us in. Raises NotFound."""
        if not self._run(TEST, id=account):
            raise NotFound
        note(self.session, self.actor, "channel.test_asked", show("cha", account))

    def end(self, account: UUID) -> None:
        """Disconnect it: its credentials are gone, and what waits in its lane is held. Raises NotFound."""
        chosen = find(self.session, self.actor.workspace, account)
        if not self._run(END, id=account):
            raise NotFound
        pause_lane(self.session, chosen.lane, DISCONNECTED)
        self._tell("disconnected", account, channel=chosen.channel, provider=chosen.provider)

    def _run(self, statement: str, **given: Any) -> int:
        return raw(self.session).execute(statement, {"workspace": self.actor.workspace, **given}).rowcount

    def _sealed(self, account: UUID, given: Mapping[str, str]) -> bytes:
        return sealed(self.settings.secrets, account, given)

    def _tell(self, deed: str, account: UUID, **told: Any) -> None:
        name = show("cha", account)
        happened_in(self.session, self.actor.workspace, f"channel.{deed}", name, **told)
        note(self.session, self.actor, f"channel.{deed}", name, **told)


def find(session: Session, workspace: UUID, account: UUID) -> ChannelAccount:
    """One that lives. Raises NotFound."""
    found = [each for each in own(session, workspace) if each.id == account]
    if not found:
        raise NotFound
    return found[0]


def twilio_senders(form: Mapping[str, str]) -> list[Asked]:
    """What a form says of a Twilio account: one number for each channel that it shall serve. Raises InvalidArguments."""
    name = form.get("account_sid", "").strip()
    _insist(SID.fullmatch(name), "A Twilio account SID is AC and 32 letters and digits.")
    typed = {"sms": form.get("sms", "").strip(), "whatsapp": form.get("whatsapp", "").strip()}
    _insist(any(typed.values()), "Give the number for text messages, the number for WhatsApp, or both.")
    return [Asked(channel, "twilio", _fitted(as_e164, number, "The number"), name) for channel, number in typed.items() if number]


def sendgrid_senders(form: Mapping[str, str]) -> list[Asked]:
    """What a form says of a SendGrid account. Raises InvalidArguments."""
    return [Asked("email", "sendgrid", _fitted(as_address, form.get("sender", "").strip(), "The sender"))]


def twilio_secrets(form: Mapping[str, str]) -> dict[str, str]:
    """The auth token that was typed. Raises InvalidArguments, which does not repeat it."""
    token = form.get("auth_token", "").strip()
    _insist(SECRET.fullmatch(token), "The auth token is what Twilio's console shows: one word of at least 16 letters and digits.")
    return {"twilio_auth_token": token}


def sendgrid_secrets(form: Mapping[str, str]) -> dict[str, str]:
    """The API key and the key that verifies events, as typed. Raises InvalidArguments, which does not repeat them."""
    key, public = form.get("api_key", "").strip(), re.sub(r"\s|-----[A-Z ]+-----", "", form.get("public_key", ""))
    _insist(SECRET.fullmatch(key), "The API key is what SendGrid showed once: one word that begins with SG.")
    _insist(PUBLIC_KEY.fullmatch(public), "The verification key is what SendGrid shows beside the signed event webhook, letters and digits only.")
    return {"sendgrid_api_key": key, "sendgrid_webhook_public_key": public}


def _fitted(read: Callable[[str], str], typed: str, what: str) -> str:
    try:
        return read(typed)
    except ValueError:
        raise InvalidArguments(f"{what} cannot be right: give a phone number such as +447400123456, or an e-mail address.") from None


def _insist(fits: object, otherwise: str) -> None:
    if not fits:
        raise InvalidArguments(otherwise)
