"""How long the state machine is tried: short and always the same in CI, long and by chance where an environment variable says so."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = 130
STEPS = 40
TOO_SOON = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def profile(examples: int = EXAMPLES) -> settings:
    """`SAYSO_MODEL_EXAMPLES=5000` tries so many examples, others each time, and then makes a failing one small, which takes minutes."""
    wanted = int(os.environ.get("SAYSO_MODEL_EXAMPLES", "0"))
    return settings(
        max_examples=wanted or examples,
        stateful_step_count=STEPS,
        derandomize=not wanted,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if wanted else [Phase.generate],
        suppress_health_check=TOO_SOON,
    )
