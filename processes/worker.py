"""`sayso worker`: drains approved sends and provider events; SIGTERM lets calls in flight finish and be recorded."""

from __future__ import annotations

from kernel import log
from kernel.settings import load_addressed
from processes.parts import Works, close_broker, open_broker, prepare
from processes.standing import stand_by


def main() -> None:
    """Work until told to stop."""
    log.setup()
    prepare()
    settings = load_addressed()
    broker = open_broker(settings)
    try:
        stand_by(Works(settings, broker))
    finally:
        close_broker(broker)
