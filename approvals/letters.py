"""Mail to the workspace's own people: written, granted by the system and on its way in one transaction, with no approval.

It leaves by the installation's account alone: whoever keeps the business's own account at a provider could read every code there.
"""

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
    return hand_over(session, settings, [draft(settings, workspace, letter, until) for letter in letters])


def draft(settings: Settings, workspace: UUID, letter: Content, until: datetime | None = None, intent: UUID | None = None) -> Drafted:
    """A letter that is not written yet, for whoever must say its id first."""
    account = default_account(settings, letter.channel)
    return Drafted(intent or new_id(), account.lane, Snapshot(workspace, account.sender, letter, expires_at=until))


def hand_over(session: Session, settings: Settings, drafts: Sequence[Drafted]) -> list[UUID]:
    """Write the drafts, grant them by the system and ring; answers their intents."""
    if not drafts:
        return []
    line, lanes = raw(session), {each.lane for each in drafts}
    append(line, SYSTEM, drafts, settings.secrets)
    give(line, [each.id for each in drafts], "system")
    after_commit(session, lambda: wake.ring(lanes))
    return [each.id for each in drafts]
