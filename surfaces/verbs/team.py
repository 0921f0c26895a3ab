"""`sayso team …`: who works here, whom an owner shall invite, and coming in by an invitation."""

from __future__ import annotations

from surfaces.verb import Take, Verb

TOKEN = Take("token", "From the letter.", required=True)

VERBS = (
    Verb("team list", "list_team_members", "Who works here.", columns=("userId", "name", "email", "role")),
    Verb(
        "team invite create",
        "create_team_member_invite",
        "Ask the owners to invite somebody; one of them confirms it in the portal.",
        (
            Take("email", "Their e-mail address.", required=True),
            Take("role", "manager or staff.", required=True),
            Take("name", "What they are called."),
            Take("expiresInHours", "How long the letter is good, at most 168.", int),
            Take("idempotencyKey", "Reuse it when you retry."),
        ),
    ),
    Verb("team invite accept-request", "accept_team_invite_request", "Ask for the code that accepts an invitation.", (TOKEN,), by_nobody=True),
    Verb(
        "team invite accept-verify",
        "accept_team_invite_verify",
        "Accept an invitation with its code.",
        (TOKEN, Take("code", "Six digits, from the second letter.", required=True), Take("name", "What you are called.")),
        by_nobody=True,
    ),
)
