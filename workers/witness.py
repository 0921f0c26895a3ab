"""The witness: how far the history has come, remembered outside the database, in a file of this worker's data directory."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import get_ident
from typing import Any
from uuid import UUID

import psycopg

from kernel.db import Database
from outbox.restores import Mark, mark_of, pause_all
from workers.rounds import Rounds

log = logging.getLogger("sayso.witness")
PERIOD = 1.0


class Witness:
    """Notes the mark each second, and pauses every lane when the database has gone back: seen at the start, on each new connection, each second."""

    def __init__(self, folder: Path, database: Database) -> None:
        """The folder is this worker's own and outlives it."""
        self._folder = folder
        self._database = database
        self._rounds = Rounds("witness", PERIOD, self._look)

    def start(self) -> None:
        """Compare before anything is claimed, then go on. Raises when the database does not answer."""
        self._look()
        # Whoever restores a database ends the connections to it: so none is used on the older one before it was compared.
        self._database.greet_with(self._compare)
        self._rounds.start()

    def stop(self) -> None:
        """Note once more, so that nothing of this life is forgotten."""
        self._rounds.stop()
        self._rounds.once()
        self._database.greet_with(None)

    def _look(self) -> None:
        with self._database.line() as line:
            self._compare(line)

    def _compare(self, line: psycopg.Connection[Any]) -> None:
        # What was noted is read before the mark that it is compared with: another worker of this folder may note meanwhile.
        noted = self._noted(mark_of(line).installation)
        mark = mark_of(line)
        if mark.attempt < noted:
            suspects = pause_all(line)
            log.error("the database is older than what was sent: every lane is paused; %s sends may have left already", len(suspects))
        self._note(mark)

    def _path(self, installation: UUID) -> Path:
        return self._folder / f"witness-{installation}"

    def _noted(self, installation: UUID) -> int:
        path = self._path(installation)
        noted = path.read_text() if path.exists() else ""
        return int(noted) if noted.isdecimal() else 0

    def _note(self, mark: Mark) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path(mark.installation).with_suffix(f".{os.getpid()}-{get_ident()}")
        fresh.write_text(str(mark.attempt))
        fresh.replace(self._path(mark.installation))
