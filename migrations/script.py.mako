"""${message}: one sentence on what changes and why; `pre` runs before the new code, `post` after it."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
