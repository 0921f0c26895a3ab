"""`sayso worker`: drains approved sends and provider events; SIGTERM lets calls in flight finish and be recorded."""

from __future__ import annotations

from kernel import log
from kernel.settings import load_addressed
from processes import tracing
from processes.metrics import ports
from processes.parts import Works, close_broker, open_broker, open_exposition
from processes.premises import prepare
from processes.standby import stand_by


def main() -> None:
    """Work until told to stop."""
    log.setup()
    tracing.start("worker")
    prepare()
    settings = load_addressed()
    broker = open_broker(settings)
    exposition = open_exposition(settings)
    try:
        stand_by(*ports(settings, exposition), Works(settings, broker))
    finally:
        exposition.close()
        close_broker(broker)
