"""Mail to the workspace's own people: written, granted by the system and on its way in one transaction, with no approval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.call import Caller
from kernel.db import after_commit, raw
from kernel.keys import new_id
from kernel.settings import Settings
from outbox import wake
from outbox.accounts import default_account
from outbox.content import Content
from outbox.grants import give
from outbox.intents import Drafted, append
from outbox.snapshot import Snapshot

SYSTEM = Caller("system", None, "sayso")


def post(session: Session, settings: Settings, workspace: UUID, letters: Sequence[Content], until: datetime | None = None) -> list[UUID]:
    """Post the letters, none after `until`; answers their intents. The database lets each go to a person of the workspace and to nobody else."""
    if not letters:
        return []
    accounts = [default_account(settings, letter.channel) for letter in letters]
    drafts = [
        Drafted(new_id(), account.lane, Snapshot(workspace, account.sender, letter, expires_at=until))
        for letter, account in zip(letters, accounts, strict=True)
    ]
    line = raw(session)
    append(line, SYSTEM, drafts, settings.secrets)
    give(line, [draft.id for draft in drafts], "system")
    after_commit(session, lambda: wake.ring({account.lane for account in accounts}))
    return [draft.id for draft in drafts]
