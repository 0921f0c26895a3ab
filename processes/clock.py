"""`sayso clock`: rings for due work, ends leases, lets approvals expire; one is enough, more do no harm."""

from __future__ import annotations

from kernel import log
from kernel.settings import load_addressed
from processes import tracing
from processes.metrics import ports
from processes.parts import Ticking, close_broker, open_broker, open_exposition
from processes.premises import prepare
from processes.standby import stand_by


def main() -> None:
    """Tick until told to stop."""
    log.setup()
    tracing.start("clock")
    prepare()
    settings = load_addressed()
    broker = open_broker(settings)
    exposition = open_exposition(settings)
    try:
        stand_by(*ports(settings, exposition), Ticking(settings))
    finally:
        exposition.close()
        close_broker(broker)
