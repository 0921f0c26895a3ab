"""`sayso plan …`: what this company may use, and how much of it is left."""

from __future__ import annotations

from surfaces.verb import Take, Verb

VERBS = (
    Verb("plan status", "get_plan_status", "The plan, and how much of each quota is left."),
    Verb(
        "plan check",
        "check_plan_operation",
        "Whether the plan allows something now.",
        (
            Take("toolName", "A tool.", option="tool"),
            Take("moduleCode", "A module.", option="module"),
            Take("quotaCode", "A quota.", option="quota"),
            Take("delta", "How many more.", int),
        ),
    ),
    Verb("plan options", "list_plan_options", "Every plan.", columns=("planCode", "name", "isCurrent", "price", "limits")),
    Verb(
        "plan upgrade",
        "create_plan_upgrade_link",
        "A link where an owner moves the company to another plan.",
        (
            Take("planCode", "From plan options.", required=True),
            Take("billingCycle", "monthly or yearly."),
            Take("returnUrl", "Where the payment page leads afterwards."),
            Take("confirm", "An owner said yes.", bool),
        ),
    ),
    Verb(
        "plan portal",
        "create_billing_portal_link",
        "Where an owner sees, changes or ends what is paid.",
        (Take("confirm", "An owner said yes.", bool),),
    ),
)
