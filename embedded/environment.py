"""What the servers, and the owner's own connections, see of the environment."""

import os
from collections.abc import Iterator

# PG* would redirect the servers' clients, LC_*/LANG may name locales that are not installed,
# LD_* may put another libpq or libssl under the wheel's binaries.
FOREIGN = ("PG", "LC_", "LANG", "LD_")


def clean_environment() -> dict[str, str]:
    """Return the environment for a server: ours, less what could mislead it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {"LC_ALL": "C"}


def forget_foreign_server() -> None:
    """Drop PG* from this process: PGHOSTADDR, PGSERVICE and PGOPTIONS win over, or add to, our URL."""
    for name in list(_libpq_variables()):
        del os.environ[name]


def _libpq_variables() -> Iterator[str]:
    return (name for name in os.environ if name.startswith("PG"))
