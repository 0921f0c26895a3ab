"""The public face: a private PostgreSQL and Valkey that live and die with their owner."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from embedded.environment import forget_foreign_server
from embedded.errors import EmbeddedError
from embedded.leash import Leashed
from embedded.lock import Lock
from embedded.place import Place
from embedded.postgres import PORT, launch_postgres, socket_folder
from embedded.sockets import make_private, sockets_folder
from embedded.valkey import SOCKET, launch_valkey

__all__ = ["EmbeddedError", "Servers"]

# An earlier owner may just have been killed: its servers are finishing their orderly stop.
PREDECESSOR_PATIENCE = 30


class Servers:
    """One PostgreSQL and one Valkey on the data below `home`, for this process alone."""

    def __init__(self, home: Path, *, durable: bool = True, pg_options: Mapping[str, str] | None = None) -> None:
        """Name the servers; nothing runs before `start`. Not durable is for tests: a crash may lose anything."""
        self.home = home.expanduser().resolve()
        self._durable = durable
        self._pg_options = dict(pg_options or {})
        self._sockets = sockets_folder(self.home)
        self._owner = Lock(self.home / "owner.lock")
        self._present = Lock(self.home / "servers.lock")
        self._running: dict[str, Leashed] = {}
        self._place: Place | None = None
        self._pid = os.getpid()

    @property
    def database_url(self) -> str:
        """Where SQLAlchemy finds PostgreSQL, as the owner of everything."""
        folder = quote(str(socket_folder(self._sockets)))
        return f"postgresql+psycopg://sayso@/sayso?host={folder}&port={PORT}"

    @property
    def redis_url(self) -> str:
        """Where Dramatiq finds Valkey."""
        return f"unix://{quote(str(self._sockets / SOCKET))}?db=0"

    def start(self, *, postgres: bool = True, valkey: bool = True) -> Self:
        """Start what is wanted and does not run yet; return when all of it answers."""
        try:
            place = self._move_in()
            for name in self._missing(postgres=postgres, valkey=valkey):
                self._running[name] = self._launch(name, place)
            for server in self._running.values():
                server.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def fallen(self) -> list[str]:
        """The names of the servers that ended although nobody stopped them."""
        return [name for name, server in self._running.items() if server.has_ended]

    def stop(self) -> None:
        """Stop what runs and leave nothing behind but the data and the logs."""
        # A forked child inherits this object, but the servers are its parent's.
        if os.getpid() != self._pid:
            return
        for server in self._running.values():
            server.release()
        for server in self._running.values():
            server.stop()
        self._running.clear()
        if self._place:
            shutil.rmtree(self._sockets, ignore_errors=True)
        self._place = None
        self._present.drop()
        self._owner.drop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_ending: object) -> None:
        self.stop()

    def _missing(self, *, postgres: bool, valkey: bool) -> list[str]:
        wanted = {"valkey": valkey, "postgres": postgres}
        return [name for name, is_wanted in wanted.items() if is_wanted and name not in self._running]

    def _launch(self, name: str, place: Place) -> Leashed:
        if name == "valkey":
            return launch_valkey(place)
        forget_foreign_server()
        return launch_postgres(place, self._pg_options)

    def _move_in(self) -> Place:
        if self._place is None:
            self._take_locks()
            make_private(self._sockets)
            self._place = Place(self.home, self._sockets, self._present.descriptor, self._durable)
        return self._place

    def _take_locks(self) -> None:
        elsewhere = "set SAYSO_DATA_DIR to another folder"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            owned = self._owner.take()
        except OSError as error:
            message = f"data cannot be kept in {self.home} ({error.strerror}): {elsewhere}"
            raise EmbeddedError(message) from error
        if not owned:
            message = f"another process already runs the servers of {self.home}: stop it, or {elsewhere}"
            raise EmbeddedError(message)
        if not self._present.take(PREDECESSOR_PATIENCE):
            message = f"servers of an earlier run on {self.home} do not stop: end them by hand, or {elsewhere}"
            raise EmbeddedError(message)
