"""Mutants of tenancy: row-level security, what a role may touch, and who a row belongs to."""

from __future__ import annotations

from tests.mutants.mutant import SQL, Mutant

WALLS = f"{SQL}/5_walls.sql"
PROMISES = "tests/flows/test_promises.py"
TO_ALL = "WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
OWN = "CREATE POLICY own_workspace ON %I TO :web USING (workspace_id = nullif(current_setting(''sayso.workspace'', true), '''')::uuid)"

MUTANTS = (
    Mutant("no wall around requests", WALLS, TO_ALL, f"{TO_ALL} AND c.relname <> 'approval'", (f"{PROMISES}::test_a_workspace_never_sees_anothers_rows",)),
    Mutant(
        "no wall around customers",
        WALLS,
        TO_ALL,
        f"{TO_ALL} AND c.relname <> 'account'",
        ("tests/flows/test_walls.py::test_every_row_of_a_workspace_stands_behind_a_wall",),
    ),
    Mutant("no wall around keys", WALLS, TO_ALL, f"{TO_ALL} AND c.relname <> 'api_key'", (f"{PROMISES}::test_a_workspace_never_sees_anothers_rows",)),
    Mutant(
        "no wall around what customers wrote",
        WALLS,
        TO_ALL,
        f"{TO_ALL} AND c.relname <> 'heard'",
        ("tests/flows/test_walls.py::test_every_row_of_a_workspace_stands_behind_a_wall",),
    ),
    Mutant(
        "no wall around workspaces",
        WALLS,
        "ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;\n",
        "",
        (f"{PROMISES}::test_a_workspace_never_sees_anothers_rows",),
    ),
    Mutant(
        "the wall lets everybody through",
        WALLS,
        OWN,
        "CREATE POLICY own_workspace ON %I TO :web USING (true)",
        (f"{PROMISES}::test_a_workspace_never_sees_anothers_rows",),
    ),
    Mutant(
        "any key is found without its secret",
        WALLS,
        "USING (decode(current_setting('sayso.credential', true), 'hex') IN (key_hash, old_hash))",
        "USING (true)",
        ("tests/flows/test_walls.py::test_a_row_is_found_by_its_secret_alone",),
    ),
    Mutant(
        "any link is found without its secret",
        WALLS,
        "CREATE POLICY by_credential ON link FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'))",
        "CREATE POLICY by_credential ON link FOR SELECT TO :web USING (true)",
        ("tests/flows/test_walls.py::test_a_row_is_found_by_its_secret_alone",),
    ),
    Mutant(
        "the workspace outlives its transaction",
        "kernel/db.py",
        "set_config('sayso.workspace', :workspace, true)",
        "set_config('sayso.workspace', :workspace, false)",
        ("tests/flows/test_walls.py::test_a_workspace_is_forgotten_with_its_transaction",),
    ),
    Mutant(
        "the web login speaks for a provider",
        WALLS,
        "CREATE POLICY a_persons_word ON attempt AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (source = 'person');",
        "",
        (f"{PROMISES}::test_the_web_role_cannot_make_itself_an_approver_or_a_providers_word",),
    ),
    Mutant(
        "the web login makes people",
        WALLS,
        "WHERE s.workspace_id = person.workspace_id AND s.role = 'owner'));\nCREATE POLICY ended",
        "WHERE true) OR true);\nCREATE POLICY ended",
        (f"{PROMISES}::test_the_web_role_cannot_make_itself_an_approver_or_a_providers_word",),
    ),
    Mutant(
        "the web login reads the inbox",
        WALLS,
        "REVOKE SELECT ON audit_unsealed, inbox, registration FROM :web;",
        "REVOKE SELECT ON audit_unsealed, registration FROM :web;",
        ("tests/flows/test_walls.py::test_the_web_login_reads_no_providers_events",),
    ),
    Mutant(
        "the web login reads credentials",
        WALLS,
        "REVOKE SELECT ON channel_account FROM :web;\n",
        "",
        ("tests/outbox/test_senders.py::test_the_web_role_reads_no_credentials_not_even_a_deciders",),
    ),
    Mutant(
        "a temporary table may answer",
        WALLS,
        "    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());\n",
        "",
        (f"{PROMISES}::test_a_table_that_shadows_the_approvals_opens_nothing",),
    ),
    Mutant(
        "a batch is asked for by anybody",
        WALLS,
        "WHERE s.person_id = batch.person_id AND s.workspace_id = batch.workspace_id AND s.role IN ('owner', 'manager')));",
        "WHERE true) OR true);",
        ("tests/portal/test_batches.py::test_the_database_takes_a_batch_from_a_signed_in_decider_alone",),
    ),
    Mutant(
        "another's account sends",
        "workers/own_accounts.py",
        "if kept is None or workspace not in (None, kept.account.workspace_id):",
        "if kept is None:",
        ("tests/workers/test_own_accounts.py::test_no_account_serves_another_workspace",),
    ),
)
