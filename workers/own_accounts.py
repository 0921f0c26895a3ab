"""Providers of own accounts: made when a call first needs one, from credentials opened then, and let go when these change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from kernel import clock
from kernel.db import Database
from kernel.settings import Settings
from outbox.credentials import Sealed, conclude, due_tests, find, opened
from outbox.dispatch import Provider
from workers.rounds import Rounds

PERIOD = 1.0
"""Seconds between two looks for accounts to test."""
FRESH = 1.0
"""Seconds for which what was read of an account is believed."""
UNREADABLE = "Its credentials cannot be opened: the secret key was changed. Give them again."
Connect = Callable[[Settings], Provider]


@dataclass(slots=True)
class _Kept:
    account: Sealed
    provider: Provider | None
    until: float


class OwnAccounts:
    """The providers of workspaces' own accounts, and a thread that tests those that somebody wants tested."""

    def __init__(self, settings: Settings, database: Database, connect: Mapping[str, Connect]) -> None:
        """`connect` makes a provider, by its name, from settings that hold an account's credentials."""
        self._settings = settings
        self._database = database
        self._connect = connect
        self._kept: dict[UUID, _Kept] = {}
        self._reading = Lock()
        self._rounds = Rounds("own-accounts", PERIOD, self.test)

    def start(self) -> None:
        """Begin to test."""
        self._rounds.start()

    def stop(self) -> None:
        """End, and close every provider; call it when no call is in flight."""
        self._rounds.stop()
        with self._reading:
            for name in list(self._kept):
                self._drop(name)

    def serving(self, account: UUID, workspace: UUID | None = None) -> Provider | None:
        """The provider of an account; None when it is disconnected, cannot be opened, or belongs to another workspace than is said."""
        with self._reading:
            kept = self._kept.get(account)
            if kept is None or kept.until <= clock.monotonic():
                kept = self._read(account)
        if kept is None or workspace not in (None, kept.account.workspace_id):
            return None
        return kept.provider

    def test(self) -> None:
        """Ask the providers whether they let in those accounts that somebody wants tested."""
        with self._database.line() as line:
            due = due_tests(line)
        for account in due:
            if self._rounds.ending:
                return
            provider = self._made(account)
            fault = provider.probe() if provider else UNREADABLE
            if provider:
                provider.close()
            with self._database.line() as line:
                conclude(line, account, fault)

    def _read(self, account: UUID) -> _Kept | None:
        with self._database.line() as line:
            found = find(line, account)
        kept = self._kept.get(account)
        if found and kept and kept.account == found:
            kept.until = clock.monotonic() + FRESH
            return kept
        self._drop(account)
        if found:
            self._kept[account] = _Kept(found, self._made(found), clock.monotonic() + FRESH)
        return self._kept.get(account)

    def _made(self, account: Sealed) -> Provider | None:
        settings, connect = opened(self._settings, account), self._connect.get(account.provider)
        return connect(settings) if settings and connect else None

    def _drop(self, account: UUID) -> None:
        kept = self._kept.pop(account, None)
        if kept and kept.provider:
            kept.provider.close()
