"""${message}: one sentence on what changes and why."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
# expand: the version before works on with it. contract: takes away what only that version used; run by `sayso migrate --contract`.
phase = "expand"


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
