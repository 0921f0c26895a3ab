"""The first say-so: every table, the gate in constraints, the roles and the walls between workspaces."""

from pathlib import Path

from alembic import context, op

from kernel.db import run

revision = "0001"
down_revision = None
phase = "expand"

SQL = Path(__file__).parent.parent / "sql" / "0001_first_say_so"


def upgrade() -> None:
    """Run the SQL files in the order of their names; `:web` and `:worker` stand for the database's roles."""
    roles = context.config.attributes["roles"]
    for part in sorted(SQL.glob("*.sql")):
        statements = part.read_text()
        for name, role in roles.items():
            statements = statements.replace(f":{name}", f'"{role}"')
        run(op.get_bind(), statements)
