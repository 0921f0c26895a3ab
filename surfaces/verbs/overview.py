"""`sayso dashboard`, `sayso whatsapp …`: how the day stands, and how customers are reached."""

from __future__ import annotations

from surfaces.verb import Take, Verb

VERBS = (
    Verb("dashboard", "get_dashboard_stats", "How today stands."),
    Verb("whatsapp status", "get_whatsapp_connection_status", "Whether WhatsApp is connected."),
    Verb(
        "whatsapp connect",
        "create_whatsapp_connect_link",
        "The portal's page about it.",
        (Take("onboardingMode", "cloud_api or coexistence.", option="mode"),),
    ),
    Verb(
        "whatsapp health",
        "get_channel_health",
        "How the channel does.",
        fixed={"channel": "whatsapp"},
        columns=("channel", "provider", "status", "waiting", "reason"),
    ),
)
