"""A private PostgreSQL on a Unix socket."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import psycopg

from embedded.account import Account
from embedded.cluster import OWNER, prepare_cluster
from embedded.leash import Launch, Leashed
from embedded.place import Place
from embedded.seat import find_seat

PORT = 5432
DATABASE = "sayso"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    # Compiling a plan costs more than any query of ours saves by it.
    "jit": "off",
}
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def launch_postgres(place: Place, options: Mapping[str, str]) -> Leashed:
    """Start PostgreSQL on the cluster below home, made now if there is none."""
    seat = find_seat(place.home)
    prepare_cluster(seat, place.hold)
    folder = socket_folder(place.sockets)
    _open_socket_folder(folder, seat.account)
    settings = SETTINGS | ({} if place.durable else FLEETING) | dict(options)
    words = [seat.program("postgres"), "-D", str(seat.data), "-k", str(folder)]
    for name, value in settings.items():
        words += ["-c", f"{name}={value}"]
    launch = Launch("PostgreSQL", words, Path("/"), "INT", partial(_answers, folder), seat.account)
    return Leashed(launch, place.home / "postgres.log", place.hold)


def socket_folder(sockets: Path) -> Path:
    """Return the folder PostgreSQL's socket is in: its own, as it may run as another account."""
    return sockets / "pg"


def _open_socket_folder(folder: Path, account: Account) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # Whoever may connect is the superuser (`trust`): this folder's mode is the authentication.
    folder.chmod(0o700)
    account.give(folder)
    if account.uid is not None:
        folder.parent.chmod(0o711)
    # No server of ours lives (we hold its lock), yet PostgreSQL may think so: see cluster.
    for left in folder.glob(".s.PGSQL.*"):
        left.unlink()


def _answers(folder: Path) -> bool:
    if not (folder / f".s.PGSQL.{PORT}").exists():
        return False
    try:
        with psycopg.connect(host=str(folder), port=PORT, user=OWNER, dbname="postgres", connect_timeout=2, autocommit=True) as connection:
            _ensure_database(connection)
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    # Asked at every start: the first one may have been killed between initdb and this.
    found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
    if found is None:
        connection.execute(f"create database {DATABASE}")
