"""Mutants of the claim and of the last look before the call."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CLAIMS = "outbox/claims.py"
STATES = "outbox/states.py"
CALLS = "workers/calls.py"
OF_CLAIMS = "tests/outbox/test_claims.py"
WITHDRAWALS = "tests/approvals/test_withdrawals.py"
PROMISES = "tests/flows/test_promises.py"

MUTANTS = (
    Mutant(
        "what is not ready is claimed",
        CLAIMS,
        "d.lane = %(lane)s AND d.state = 'ready' AND d.parked IS NULL AND d.priority =",
        "d.lane = %(lane)s AND d.priority =",
        ("tests/outbox/test_claimable.py::test_what_may_not_leave_is_not_claimed_beside_what_may",),
    ),
    Mutant(
        "what is not due is claimed",
        CLAIMS,
        "AND d.due_at <= now() AND coalesce(",
        "AND coalesce(",
        ("tests/outbox/test_claimable.py::test_what_may_not_leave_is_not_claimed_beside_what_may",),
    ),
    Mutant(
        "what is past its use is claimed",
        CLAIMS,
        " AND coalesce(least(i.expires_at, d.expires_at) > now(), true)",
        "",
        ("tests/outbox/test_claimable.py::test_what_may_not_leave_is_not_claimed_beside_what_may",),
    ),
    Mutant(
        "the claim asks for no grant",
        CLAIMS,
        "JOIN grants p ON p.id = d.grant_id AND p.intent_id = d.intent_id AND p.digest = d.digest",
        "LEFT JOIN grants p ON p.id = d.grant_id",
        (
            f"{PROMISES}::test_nothing_unapproved_is_dialled_when_a_worker_drains",
            f"{PROMISES}::test_the_database_refuses_a_delivery_beyond_held_when_no_grant_stands_behind_it",
        ),
        "the CHECK and the composite foreign key of delivery refuse such a row before a claim can see it",
    ),
    Mutant(
        "a stop is not asked for",
        CLAIMS,
        "s.lifted_at IS NULL\n              AND {holds})",
        "false AND {holds})",
        ("tests/outbox/test_parking.py::test_a_stopped_row_is_not_claimed_though_it_was_put_back",),
    ),
    Mutant(
        "quiet hours are not asked for",
        CLAIMS,
        "quiet_until(zone, begins, ends, now()) IS NOT NULL)",
        "false)",
        ("tests/approvals/test_quiet.py::test_what_is_still_waiting_when_quiet_hours_begin_waits_until_they_are_over",),
    ),
    Mutant(
        "two claims take one row",
        CLAIMS,
        "        FOR UPDATE OF d SKIP LOCKED\n",
        "",
        (f"{PROMISES}::test_each_is_sent_once_when_four_workers_drain_one_lane",),
    ),
    Mutant(
        "whoever opted out is messaged",
        STATES,
        "WHERE d.intent_id = p.intent_id AND NOT p.suppressed",
        "WHERE d.intent_id = p.intent_id",
        (f"{OF_CLAIMS}::test_a_suppressed_recipient_is_dropped_inside_the_claim",),
    ),
    Mutant(
        "an opt-out holds for one spelling",
        CLAIMS,
        "s.recipient = lower(c.recipient)",
        "s.recipient = c.recipient",
        ("tests/crm/test_consents.py::test_an_opt_out_holds_however_the_address_is_written",),
    ),
    Mutant("a paused lane sends", CLAIMS, "AND paused_at IS NULL AND breaker_until", "AND breaker_until", (f"{OF_CLAIMS}::test_a_closed_lane_claims_nothing",)),
    Mutant(
        "a resting lane sends", CLAIMS, "paused_at IS NULL AND breaker_until IS NULL", "paused_at IS NULL", (f"{OF_CLAIMS}::test_a_closed_lane_claims_nothing",)
    ),
    Mutant(
        "a lane knows no rate",
        CLAIMS,
        "greatest(0, least(%(slots)s, floor(tokens)))::int",
        "%(slots)s",
        (f"{OF_CLAIMS}::test_a_lane_sends_no_faster_than_its_rate",),
    ),
    Mutant(
        "a burst takes every hand",
        CLAIMS,
        "ORDER BY d.due_at, d.intent_id LIMIT g.share",
        "ORDER BY d.due_at, d.intent_id LIMIT %(slots)s",
        (f"{OF_CLAIMS}::test_a_burst_of_one_workspace_leaves_room_for_another",),
    ),
    Mutant(
        "altered bytes are dialled",
        CALLS,
        "if not same(digest_of(body), claimed.digest):",
        "if False:",
        (f"{PROMISES}::test_altered_bytes_are_not_sent_when_somebody_changed_them_after_the_approval",),
    ),
    Mutant(
        "bytes for another are dialled",
        CALLS,
        'return snapshot if agrees(lane, claimed, snapshot) else Refused(ALTERED, "altered")',
        "return snapshot",
        ("tests/workers/test_calls.py::test_nothing_is_dialled_when_the_bytes_say_other_than_the_rows",),
    ),
    Mutant(
        "a call begins after its lease",
        CALLS,
        "if clock.monotonic() > deadline:",
        "if False:",
        ("tests/workers/test_calls.py::test_nothing_is_dialled_after_the_deadline",),
    ),
    Mutant(
        "a late word moves a newer attempt",
        STATES,
        "\n  AND (m.attempt IS NULL OR d.attempt = m.attempt OR {older})",
        "",
        (f"{PROMISES}::test_an_older_attempt_never_overwrites_a_newer_one",),
    ),
    Mutant(
        "what was taken back during its call is called again",
        STATES,
        "d.halted IS NOT NULL AND NOT m.again AND",
        "false AND",
        (f"{WITHDRAWALS}::test_what_was_taken_back_during_its_call_is_not_called_again",),
    ),
    Mutant(
        "what was taken back in doubt is called again under its key",
        "outbox/inquiries.py",
        "if is_withdrawn else",
        "if False else",
        ("tests/workers/test_repeats.py::test_a_refund_that_was_stopped_in_doubt_is_not_asked_for_again",),
    ),
    Mutant(
        "whoever takes back overlooks what is being called",
        STATES,
        'line.execute(HALT, (list(whys), [why or "" for why in whys.values()])).rowcount',
        "0",
        (f"{WITHDRAWALS}::test_what_was_taken_back_during_its_call_is_not_called_again",),
    ),
    Mutant(
        "a stop that comes late is forgotten with its refusal",
        "approvals/halting.py",
        "    keeps = True\n",
        "",
        (f"{WITHDRAWALS}::test_what_was_taken_back_during_its_call_is_not_called_again",),
    ),
    Mutant(
        "a move forgets where it came from",
        STATES,
        "\n  AND d.state = ANY(string_to_array(m.was, ','))",
        "",
        ("tests/outbox/test_states.py::test_a_move_from_another_state_than_it_names_changes_nothing",),
    ),
)
