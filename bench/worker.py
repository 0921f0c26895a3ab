"""A worker process as `sayso worker` is one, except that its providers are those of the bench: `python -m bench.worker`."""

from __future__ import annotations

from bench.carriers import carriers
from kernel import log
from kernel.roles import Role
from kernel.settings import load_addressed
from processes.parts import GRACE_SECONDS, WORKER_THREADS, close_broker, open_broker
from processes.premises import open_database, prepare
from processes.standby import stand_by
from workers.broker import run_worker, stop_worker
from workers.calls import Calls
from workers.drain import Drains
from workers.tickets import declare


class Engine:
    """What `processes.parts.Works` is, with providers of our choice."""

    def __init__(self) -> None:
        settings = load_addressed()
        self._broker = open_broker(settings)
        self._database = open_database(settings, Role.WORKER, size=WORKER_THREADS + 2)
        self._drains = Drains(settings, self._database, Calls(settings, carriers(settings)))
        declare(self._broker, drain=self._drains.drain, receive=lambda: None)

    def start(self) -> None:
        """Take tickets."""
        self._worker = run_worker(self._broker, WORKER_THREADS)

    def stop(self) -> None:
        """Let calls in flight finish."""
        self._drains.halt()
        stop_worker(self._worker, GRACE_SECONDS)
        self._database.close()
        close_broker(self._broker)


if __name__ == "__main__":
    log.setup()
    prepare()
    stand_by(Engine())
