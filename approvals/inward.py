"""What reaches nobody by itself: written, granted by the system and on its way in one transaction; the database knows which kinds those are."""

from __future__ import annotations

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


def begin(session: Session, settings: Settings, workspace: UUID, asker: Caller, content: Content) -> UUID:
    """Begin it; answers its intent. Raises psycopg's CheckViolation for what could reach somebody."""
    account = default_account(settings, content.channel)
    drafted = Drafted(new_id(), account.lane, Snapshot(workspace, account.sender, content))
    line = raw(session)
    session.flush()
    append(line, asker, [drafted], settings.secrets)
    give(line, [drafted.id], "system")
    after_commit(session, lambda: wake.ring({account.lane}))
    return drafted.id
