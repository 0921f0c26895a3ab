"""The meters of a worker: what it counts and times in this process while it sends; they are read at `/metrics`.

Labels are channels, providers and outcomes, of which there are few; never a workspace, a recipient or an id.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

METERS = CollectorRegistry()
TICKS = Counter("sayso_ticks", "Transactions that recorded and claimed; by sayso_claimed_total: commits a message.", ["channel"], registry=METERS)
CLAIMED = Counter("sayso_claimed", "Sends that were claimed, which is to say started.", ["channel"], registry=METERS)
CALLS = Histogram(
    "sayso_provider_call_seconds",
    "How long calls to a provider took, by what came of them.",
    ["provider", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=METERS,
)
SENT_AFTER = Histogram(
    "sayso_approve_to_sent_seconds",
    "From the say-so, or the moment it was meant for, until the provider had taken it.",
    ["channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43_200),
    registry=METERS,
)
