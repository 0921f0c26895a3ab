"""Alembic's entry: runs the versions as the owner, on the connection that `processes.migrate` hands over."""

from alembic import context

from kernel.db import Row

# A change of a table that waits for its lock keeps every claim behind it waiting too: it gives up soon, and `processes.migrate` tries again.
LOCK_TIMEOUT = "SET lock_timeout = '1s'"

connection = context.config.attributes["connection"]
connection.exec_driver_sql(LOCK_TIMEOUT)
context.configure(connection=connection, target_metadata=Row.metadata, transaction_per_migration=True, compare_server_default=False)
with context.begin_transaction():
    context.run_migrations()
