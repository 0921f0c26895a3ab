"""The credentials of own accounts: sealed for one account, opened by workers to dial and by webhooks to verify, tested and never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from pydantic import SecretStr
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.seal import seal, unseal
from kernel.settings import Settings

DISCONNECTED = "this account was disconnected; connect it again under Settings, Channels, or cancel what waits"
"""Why nothing leaves by an account that somebody disconnected."""
FIND = "SELECT id, workspace_id, provider, name, sender, credentials, changed_at FROM channel_account WHERE id = %s AND ended_at IS NULL"
DUE = """
SELECT id, workspace_id, provider, name, sender, credentials, changed_at FROM channel_account
WHERE test_due AND ended_at IS NULL ORDER BY changed_at LIMIT 20
"""
SIGNERS = "SELECT id, workspace_id, provider, name, sender, credentials, changed_at FROM may_have_signed(%s, %s)"
TESTED = """
UPDATE channel_account SET test_due = false, tested_at = now(), fault = %(fault)s, proved_at = CASE WHEN %(fault)s::text IS NULL THEN now() ELSE proved_at END
WHERE id = %(id)s AND changed_at = %(changed_at)s AND ended_at IS NULL RETURNING lane
"""
LET_GO = """
UPDATE lane SET breaker_until = NULL, breaker_reason = NULL, paused_at = CASE WHEN pause_reason = %(gone)s THEN NULL ELSE paused_at END,
    pause_reason = nullif(pause_reason, %(gone)s) WHERE id = %(lane)s
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An account as it is stored; `changed_at` tells one set of credentials from the next."""

    id: UUID
    workspace_id: UUID
    provider: str
    name: str
    sender: str
    credentials: bytes
    changed_at: datetime


def sealed(secrets: Sequence[bytes], account: UUID, given: Mapping[str, str]) -> bytes:
    """The credentials, readable by whoever has the secret key and for this account alone."""
    return seal(secrets, json.dumps({**given, "account": account.hex}).encode())


def opened(settings: Settings, account: Sealed) -> Settings | None:
    """The settings with this account's credentials in place of the installation's; None when they cannot be opened."""
    body = unseal(settings.secrets, account.credentials)
    given: dict[str, str] = json.loads(body) if body else {}
    if given.pop("account", "") != account.id.hex:
        return None
    secret: dict[str, Any] = {name: SecretStr(given[name]) for name in ("twilio_auth_token", "sendgrid_api_key") if name in given}
    cleared = {"twilio_account_sid": "", "twilio_auth_token": SecretStr(""), "sendgrid_api_key": SecretStr(""), "sendgrid_webhook_public_key": ""}
    return settings.model_copy(update={**cleared, **given, **secret, "twilio_account_sid": account.name if account.provider == "twilio" else ""})


def find(line: psycopg.Connection[Any], account: UUID) -> Sealed | None:
    """One that lives."""
    with line.transaction():
        return line.cursor(row_factory=class_row(Sealed)).execute(FIND, (account,)).fetchone()


def due_tests(line: psycopg.Connection[Any]) -> list[Sealed]:
    """Those that somebody wants tested."""
    with line.transaction():
        return line.cursor(row_factory=class_row(Sealed)).execute(DUE).fetchall()


def conclude(line: psycopg.Connection[Any], account: Sealed, fault: str | None) -> bool:
    """Write what the test of these very credentials found; when it went well, what waited for this account may leave.

    False when they were changed meanwhile: then the new ones are tested.
    """
    with line.transaction():
        row = line.execute(TESTED, {"id": account.id, "changed_at": account.changed_at, "fault": fault}).fetchone()
        if row and fault is None:
            line.execute(LET_GO, {"lane": row[0], "gone": DISCONNECTED})
    return row is not None


def signers(session: Session, provider: str, name: str) -> list[Sealed]:
    """The accounts that a webhook may come from which names one of the provider's."""
    return raw(session).cursor(row_factory=class_row(Sealed)).execute(SIGNERS, (provider, name)).fetchall()
