"""Which PostgreSQL runs, on which folder, as whom."""

import os
from dataclasses import dataclass
from pathlib import Path

from embedded.account import Account, choose_account
from embedded.binaries import find_postgres
from embedded.errors import EmbeddedError
from embedded.shelter import shelter_binaries, shelter_data


@dataclass(frozen=True)
class Seat:
    """Programs, data folder (which may not exist yet) and account that fit together."""

    binaries: Path
    data: Path
    account: Account

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        return str(self.binaries / name)


def find_seat(home: Path) -> Seat:
    """Try things where they are, then as root with copies other accounts can reach."""
    binaries = find_postgres()
    data = (home / "pg").resolve()
    seat = _sit(binaries, data) or (_sheltered(binaries, data) if os.geteuid() == 0 else None)
    if seat is None:
        raise EmbeddedError(_why_not(binaries, data))
    return seat


def _sit(binaries: Path, data: Path) -> Seat | None:
    owner = data.stat().st_uid if data.exists() else None
    account = choose_account(binaries / "postgres", data.parent, owner)
    return Seat(binaries, data, account) if account else None


def _sheltered(binaries: Path, data: Path) -> Seat | None:
    copy = shelter_binaries(binaries) or binaries
    seat = _sit(copy, data)
    # A cluster that exists stays where it is: moving it would look like losing it.
    if seat is None and not data.exists():
        seat = _sit(copy, shelter_data(data))
    return seat


def _why_not(binaries: Path, data: Path) -> str:
    if data.exists():
        who = f"{data} belongs to user {data.stat().st_uid}, who cannot run {binaries / 'postgres'} there"
        return f"{who}: run as that user, give the folder back with chown, or set SAYSO_DATABASE_URL"
    return (
        f"no account here can run {binaries / 'postgres'}: run as an ordinary user, "
        "set SAYSO_PG_BIN to a PostgreSQL made for this machine, or set SAYSO_DATABASE_URL"
    )
