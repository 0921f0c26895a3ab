"""The whole of Sayso in one process, on servers of its own unless addresses are given: what `up` and `demo` start."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select

from crm.access.setup import Founded, found
from embedded.servers import Servers
from kernel.roles import Role
from kernel.settings import Settings, command
from kernel.tenancy import Workspace
from processes.metrics import ports
from processes.migrate import migrate
from processes.parts import Ticking, Web, Works, close_broker, open_broker
from processes.premises import ADDRESS, embedded_servers, open_database, prepare, with_addresses
from processes.serving import Server, living_with, server
from surfaces.app import create_app
from surfaces.portal.routes import routes
from workers.rounds import Rounds

log = logging.getLogger("sayso.house")
WATCH_SECONDS = 0.5
OWNER = "owner@example.com"
BUSINESS = "My business"


@dataclass(frozen=True, slots=True)
class House:
    """A system ready to serve; `founded` is set when this start made the first workspace, as it does outside of production."""

    settings: Settings
    server: Server
    socket: socket.socket
    founded: Founded | None
    servers: Servers

    def raise_fallen(self) -> None:
        """Raises ServerFell when serving ended because a server of ours had died."""
        if fallen := self.servers.fallen():
            raise ServerFell(f"{' and '.join(fallen)} died, so everything was stopped; nothing was lost. Start again: {command()} up")


class ServerFell(RuntimeError):
    """A server that this process had started is gone."""


class Watch:
    """Ends the serving when one of the private servers dies: half a system must not look like a whole one."""

    def __init__(self, servers: Servers) -> None:
        """`serving` is set once the server is made."""
        self._servers = servers
        self.serving: Server | None = None
        self._rounds = Rounds("watch over the servers", WATCH_SECONDS, self._look)

    def start(self) -> None:
        """Begin to watch."""
        self._rounds.start()

    def stop(self) -> None:
        """End."""
        self._rounds.stop()

    def _look(self) -> None:
        if self.serving and (fallen := self._servers.fallen()):
            log.error("%s died: stopping", " and ".join(fallen))
            self.serving.should_exit = True


@contextmanager
def house(settings: Settings, listening: socket.socket) -> Iterator[House]:
    """Start the servers that are needed, migrate, and put every part together; serve with `server.run(sockets=[socket])`."""
    prepare()
    servers = embedded_servers(settings)
    try:
        if not (settings.database_url and settings.redis_url):
            servers.start(postgres=not settings.database_url, valkey=not settings.redis_url)
        settings = with_addresses(settings)
        migrate(settings, contract=True)  # nobody of another version works beside it
        (settings.data_dir / ADDRESS).write_text(settings.base_url)
        founded = None if settings.env == "production" else _found_first(settings)
        broker = open_broker(settings)
        web = Web(settings, broker)
        watch = Watch(servers)
        parts = [watch, *ports(settings, web.exposition), web.heart, Works(settings, broker), Ticking(settings)]
        app = living_with(create_app(web.door, routes(web.door)), parts)
        watch.serving = server(app)
        try:
            yield House(settings, watch.serving, listening, founded, servers)
        finally:
            web.close()
            close_broker(broker)
    finally:
        servers.stop()


def _found_first(settings: Settings) -> Founded | None:
    database = open_database(settings, Role.OWNER, size=1)
    try:
        with database.transaction() as session:
            if session.scalar(select(Workspace.id).limit(1)):
                return None
            return found(session, BUSINESS, OWNER, owner_name="Owner")
    finally:
        database.close()
