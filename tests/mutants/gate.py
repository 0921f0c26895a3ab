"""Mutants of the gate: what stands between a message and a grant, in the database and in the vote."""

from __future__ import annotations

from tests.mutants.mutant import SQL, Mutant

GATE = f"{SQL}/3_gate.sql"
WALLS = f"{SQL}/5_walls.sql"
PROMISES = "tests/flows/test_promises.py"
VOTES = "tests/approvals/test_votes.py"
PEOPLE = "tests/approvals/test_two_people.py"
EDITS = "tests/approvals/test_edit_forgeries.py"
STANDING = "tests/approvals/test_standing_forgeries.py"

MUTANTS = (
    Mutant(
        "a delivery needs no grant",
        GATE,
        "        grant_id IS NOT NULL OR state IN (",
        "        true OR state IN (",
        (f"{PROMISES}::test_the_database_refuses_a_delivery_beyond_held_when_no_grant_stands_behind_it",),
    ),
    Mutant(
        "a delivery takes the grant of other bytes",
        GATE,
        "    FOREIGN KEY (grant_id, intent_id, digest) REFERENCES grants (id, intent_id, digest),\n    CONSTRAINT ck_delivery_needs",
        "    CONSTRAINT ck_delivery_needs",
        (f"{PROMISES}::test_the_database_refuses_a_grant_of_another_digest_or_intent",),
    ),
    Mutant(
        "no trigger on grants",
        GATE,
        "CREATE TRIGGER grant_needs_say_so AFTER INSERT ON grants REFERENCING NEW TABLE AS given\n    FOR EACH STATEMENT EXECUTE FUNCTION",
        "CREATE TRIGGER grant_needs_say_so AFTER INSERT ON grants REFERENCING NEW TABLE AS given\n    FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION",
        (f"{PROMISES}::test_the_database_refuses_a_grant_when_nobody_approved",),
    ),
    Mutant(
        "votes are not counted",
        GATE,
        "a.state = 'approved' AND public.has_votes(a.id)",
        "a.state = 'approved'",
        (f"{VOTES}::test_flipping_the_approval_opens_nothing_when_nobody_voted",),
    ),
    Mutant(
        "a request that is not approved grants",
        GATE,
        "a.state = 'approved' AND public.has_votes(a.id)",
        "public.has_votes(a.id)",
        (f"{VOTES}::test_votes_alone_open_nothing_until_the_request_is_approved",),
    ),
    Mutant(
        "another workspace's approval grants",
        GATE,
        "a.id = g.approval_id AND a.workspace_id = g.workspace_id AND",
        "a.id = g.approval_id AND",
        (f"{VOTES}::test_an_approval_grants_nothing_to_another_workspace",),
    ),
    Mutant(
        "more is granted than was voted on",
        GATE,
        " AND a.digest = public.covered(a.id))",
        ")",
        (f"{VOTES}::test_nothing_is_slipped_under_an_approval_afterwards",),
    ),
    Mutant(
        "an edited version may be anything",
        GATE,
        "              AND public.stands_in(a.id) AND",
        "              AND",
        (f"{EDITS}::test_a_version_is_not_granted", f"{EDITS}::test_a_version_that_needs_fewer_people_is_not_granted"),
    ),
    Mutant(
        "a vote over other bytes counts",
        GATE,
        "v.approval_id = a.id AND v.digest = a.digest",
        "v.approval_id = a.id",
        (f"{VOTES}::test_a_vote_over_other_bytes_counts_for_nothing",),
    ),
    Mutant("a yes overrules a no", GATE, "        AND bool_and(v.verdict = 'approved')\n", "", (f"{VOTES}::test_a_no_is_not_overruled_by_a_yes",)),
    Mutant(
        "one vote is enough for two",
        GATE,
        "FILTER (WHERE v.verdict = 'approved')) >= a.needs",
        "FILTER (WHERE v.verdict = 'approved')) >= 1",
        (f"{PEOPLE}::test_one_vote_grants_nothing_when_two_are_needed",),
    ),
    Mutant(
        "whoever may not be alone is",
        GATE,
        "(a.not_alone IS NULL OR bool_or(",
        "(true OR bool_or(",
        (f"{PEOPLE}::test_the_maker_of_the_key_does_not_approve_alone",),
    ),
    Mutant(
        "an ended session votes",
        GATE,
        "s.via = 'portal' AND s.ended_at IS NULL AND",
        "s.via = 'portal' AND",
        (f"{VOTES}::test_a_vote_is_refused_when_the_credential_is_no_living_session",),
    ),
    Mutant(
        "an overdue session votes",
        GATE,
        "s.ended_at IS NULL AND s.expires_at > now()",
        "s.ended_at IS NULL",
        (f"{VOTES}::test_a_vote_is_refused_when_the_credential_is_no_living_session",),
    ),
    Mutant(
        "a terminal votes",
        GATE,
        "          AND s.via = 'portal' AND",
        "          AND",
        (f"{VOTES}::test_a_terminal_is_nobody_who_could_decide",),
    ),
    Mutant(
        "a link votes before its try is counted",
        GATE,
        "l.expires_at > now() AND l.tries > 0",
        "l.expires_at > now()",
        (f"{VOTES}::test_a_link_votes_once_its_try_is_counted_and_never_after_its_end",),
    ),
    Mutant(
        "a dead link votes",
        GATE,
        "AND l.ended_at IS NULL AND l.expires_at",
        "AND l.expires_at",
        (f"{VOTES}::test_a_link_votes_once_its_try_is_counted_and_never_after_its_end",),
    ),
    Mutant(
        "staff decide",
        GATE,
        "WHERE p.role IN ('owner', 'manager') OR o.principal IS NOT NULL",
        "WHERE true",
        (f"{VOTES}::test_who_may_not_decide_any_more_neither_votes_nor_counts",),
    ),
    Mutant("a vote in another's name", WALLS, "h.person_id = vote.person_id AND h.via", "h.via", (f"{VOTES}::test_a_vote_in_anothers_name_is_refused",)),
    Mutant(
        "a standing approval covers anything",
        GATE,
        "\n              AND public.standing_says_so(g.standing_id, g.approval_id, g.intent_id))",
        ")",
        (f"{STANDING}::test_the_database_refuses_a_grant_beyond_a_standing_approval",),
    ),
    Mutant(
        "system mail of any kind",
        GATE,
        "i.workspace_id = g.workspace_id AND public.is_ours(i.kind) AND CASE",
        "i.workspace_id = g.workspace_id AND CASE",
        ("tests/approvals/test_system_mail.py::test_system_mail_is_taken_for_our_own_people_and_its_own_kinds",),
    ),
    Mutant(
        "system mail to a stranger",
        GATE,
        "'sign_in_code') THEN p.email = c.recipient",
        "'sign_in_code') THEN true",
        ("tests/approvals/test_system_mail.py::test_system_mail_is_taken_for_our_own_people_and_its_own_kinds",),
    ),
    Mutant(
        "a request ends twice",
        GATE,
        "WHEN (OLD.state <> 'pending' AND NEW",
        "WHEN (false AND NEW",
        ("tests/approvals/test_endings.py::test_what_ended_once_never_ends_otherwise",),
    ),
    Mutant(
        "a vote over what was not shown",
        "approvals/votes.py",
        "AND a.digest = %(digest)s AND a.state",
        "AND a.state",
        ("tests/approvals/test_links.py::test_an_altered_digest_decides_nothing",),
    ),
    Mutant(
        "a vote after the end of the time",
        "approvals/votes.py",
        " AND a.expires_at > now()",
        "",
        (f"{PROMISES}::test_an_approval_nobody_decided_in_time_is_never_sent",),
    ),
)
