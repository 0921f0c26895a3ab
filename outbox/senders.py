"""A workspace's own senders: which of them stand, and which account serves a channel when a message is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, select
from sqlalchemy.orm import Mapped, Session, deferred, mapped_column

from kernel.db import Row
from kernel.settings import Medium, Settings
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey
from outbox.accounts import Account, default_account

CHOSEN = "senders"


class ChannelAccount(Row):
    """A sender of a workspace's own; its credentials are for workers, and no answer or page holds them."""

    __tablename__ = "channel_account"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    channel: Mapped[str]
    provider: Mapped[str]
    sender: Mapped[str]
    name: Mapped[str]
    lane: Mapped[str] = mapped_column(ForeignKey("lane.id"))
    credentials: Mapped[bytes | None] = deferred(mapped_column(LargeBinary), raiseload=True)
    created_by: Mapped[UUID]
    connected_at: Mapped[Stamp]
    changed_at: Mapped[Stamp]
    test_due: Mapped[bool]
    tested_at: Mapped[datetime | None]
    proved_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    ended_at: Mapped[datetime | None]

    @property
    def is_in_use(self) -> bool:
        """Whether what is asked for now leaves by it: its provider has let it in since it was connected."""
        return self.ended_at is None and self.proved_at is not None and self.proved_at >= self.connected_at

    @property
    def state(self) -> str:
        """`testing`, `connected`, `refused` or `disconnected`."""
        if self.ended_at is not None:
            return "disconnected"
        if self.test_due:
            return "testing"
        return "refused" if self.fault else "connected"


def own(session: Session, workspace: UUID) -> list[ChannelAccount]:
    """The live ones of a workspace, by channel."""
    mine = select(ChannelAccount).where(ChannelAccount.workspace_id == workspace, ChannelAccount.ended_at.is_(None))
    return list(session.scalars(mine.order_by(ChannelAccount.channel).execution_options(populate_existing=True)))


def account_for(session: Session, settings: Settings, workspace: UUID, channel: Medium) -> Account:
    """What serves the channel for this workspace: its own account where one is in use, else the installation's.

    Looked up once in a transaction, however many messages it freezes.
    """
    kept = cast("dict[UUID, dict[str, Account]]", session.info.setdefault(CHOSEN, {}))
    if workspace not in kept:
        kept[workspace] = {each.channel: Account(each.lane, each.sender) for each in own(session, workspace) if each.is_in_use}
    return kept[workspace].get(channel) or default_account(settings, channel)


def lanes_for(session: Session, settings: Settings, workspace: UUID) -> Sequence[str]:
    """The lanes that are a workspace's: the installation's, which its own people's mail takes, and those of its own accounts."""
    return [*(default_account(settings, channel).lane for channel in get_args(Medium)), *(each.lane for each in own(session, workspace))]
