"""`sayso members …`: the customers."""

from __future__ import annotations

from surfaces.verb import Take, Verb

VERBS = (
    Verb(
        "members list",
        "search_members",
        "Customers by part of a name, e-mail address or phone number.",
        (Take("search", "Part of it."), Take("limit", "How many, at most 100.", int), Take("cursor", "nextCursor of the page before.")),
        columns=("accountId", "name", "email", "phone"),
    ),
    Verb("members show", "get_member_profile", "One customer.", (Take("accountId", "A customer, acc_….", required=True, is_word=True),)),
    Verb(
        "members create",
        "create_account",
        "A new customer.",
        (
            Take("name", "How the business calls them.", required=True),
            Take("email", "E-mail address."),
            Take("phone", "Phone number."),
            Take("notes", "What the team should know."),
            Take("idempotencyKey", "Reuse it when you retry."),
        ),
    ),
)
