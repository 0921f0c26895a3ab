"""The premises that every verb stands on: whose settings they are, where the private servers lie, what is declared, the logins, the providers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import SecretStr

from embedded.servers import Servers
from kernel import discover
from kernel.db import Database
from kernel.keys import new_secret
from kernel.roles import Role, url_for
from kernel.settings import DEVELOPMENT_SECRET, Settings, home_environment, load
from outbox.dispatch import Provider
from workers.own_accounts import Connect

ADDRESS = "address"
"""The file that tells where the system that runs on a data directory listens."""
SIGNING_FILE = "signing-key"


def embedded_servers(settings: Settings) -> Servers:
    """The private servers of this data directory, running or not."""
    return Servers(settings.data_dir / "servers")


def with_addresses(settings: Settings) -> Settings:
    """The settings with the embedded servers' addresses where none are given."""
    servers = embedded_servers(settings)
    return settings.model_copy(
        update={
            "database_url": settings.database_url or servers.database_url,
            "redis_url": settings.redis_url or servers.redis_url,
            "secret_key": _secret(settings),
        },
    )


def _secret(settings: Settings) -> SecretStr:
    """The secret key that is set; else one of this data directory's own, made at its first start."""
    if settings.secret_key.get_secret_value() != DEVELOPMENT_SECRET:
        return settings.secret_key
    kept = settings.data_dir / SIGNING_FILE
    if not kept.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(new_secret())
    return SecretStr(kept.read_text())


def attached() -> Settings:
    """The settings of the system that runs on this data directory, at the address it took when it started."""
    settings = with_addresses(load())
    note = settings.data_dir / ADDRESS
    if {"SAYSO_BASE_URL", "PORT"} & home_environment().keys() or not note.exists():
        return settings
    return settings.model_copy(update={"base_url": note.read_text().strip()})


def prepare() -> None:
    """Let everything that is declared by being there declare itself."""
    discover.modules("outbox.kinds")
    discover.modules("approvals")
    discover.named("crm", "tools")
    discover.named("crm", "events")


def open_database(settings: Settings, role: Role, *, size: int = 10) -> Database:
    """A pool that logs in as the role."""
    return Database(url_for(settings.database_url, role, settings.secret), size=size, ping=role is not Role.WORKER)


def connect_providers(settings: Settings) -> Mapping[str, Provider]:
    """The providers that the settings name, by name."""
    chosen = set(settings.chosen.values())
    return {name: connector(name)(settings) for name in sorted(chosen)}


def connector(name: str) -> Connect:
    """What makes a provider from settings."""
    modules = {module.__name__.rpartition(".")[2]: cast("Any", module) for module in discover.modules("providers")}
    connect: Connect = modules[name].connect
    return connect
