"""`sayso clock`: rings for due work, ends leases, lets approvals expire; one is enough, more do no harm."""

from __future__ import annotations

from kernel import log
from kernel.settings import load_addressed
from processes.parts import Ticking, close_broker, open_broker, prepare
from processes.standing import stand_by


def main() -> None:
    """Tick until told to stop."""
    log.setup()
    prepare()
    settings = load_addressed()
    broker = open_broker(settings)
    try:
        stand_by(Ticking(settings))
    finally:
        close_broker(broker)
