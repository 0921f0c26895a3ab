"""The peers' table of sends and what they are told by the environment; the same table and statements for each of them."""

from __future__ import annotations

import os

import psycopg

DSN = os.environ["BENCH_DSN"]
REDIS = os.environ["BENCH_REDIS"]
STUB = os.environ["BENCH_STUB"]
MODE = os.environ["BENCH_MODE"]
"""What a job calls: `null` nothing, `http` the stub through a bare client, `sdk` the stub through Twilio's SDK."""

TABLE = """
CREATE TABLE IF NOT EXISTS sends (id int PRIMARY KEY, body text NOT NULL, status text NOT NULL, provider_id text, finished_at timestamptz);
TRUNCATE sends
"""
FILL = "INSERT INTO sends SELECT n, 'job-' || n, 'new' FROM generate_series(1, %s) n"
CLAIM = "UPDATE sends SET status = 'calling' WHERE id = %s AND status = 'new'"
OUTCOME = "UPDATE sends SET status = 'sent', provider_id = %s, finished_at = clock_timestamp() WHERE id = %s"
OUTCOME_BY_NUMBER = OUTCOME.replace("%s", "$1", 1).replace("%s", "$2", 1)


def fill(jobs: int) -> None:
    """An emptied table with so many sends that nobody has begun."""
    with psycopg.connect(DSN, autocommit=True) as line:
        line.execute(TABLE)
        line.execute(FILL, (jobs,))
        line.execute("ANALYZE sends")
