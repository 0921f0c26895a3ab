"""The parts of which every process is made: the door and the engines of web, worker and clock, started and stopped in order."""

from __future__ import annotations

from kernel.db import Database
from kernel.roles import Role, url_for
from kernel.settings import Settings
from outbox import wake
from outbox.heartbeats import Process
from outbox.readings import is_at_work
from processes.metrics import Exposition
from processes.migrate import is_current
from processes.premises import connect_providers, connector, open_database
from surfaces.door import THREADS, Door
from workers.backfill import Backfill
from workers.broker import connect, run_worker, stop_worker
from workers.calls import Calls
from workers.clock import Clock
from workers.drain import Drains
from workers.fallback import HANDS, Fallback
from workers.heartbeat import Heart
from workers.hooks import Hooks
from workers.inquiries import Inquiries
from workers.jobs import JOBS, Means
from workers.own_accounts import OwnAccounts
from workers.questions import Questions
from workers.receive import Receiver
from workers.reckoning import Reckoning
from workers.tickets import Tickets, declare
from workers.wake import WakeBroker
from workers.witness import Witness

WORKER_THREADS = 8
OWN = ("sendgrid", "twilio")
"""The providers by which a workspace may have an account of its own."""
GRACE_SECONDS = 25.0
"""How long a stopping worker lets its calls finish; they end after 10 s at most."""


class Web:
    """What the web process holds."""

    def __init__(self, settings: Settings, broker: WakeBroker) -> None:
        """The broker only carries rings."""
        self.database = open_database(settings, Role.WEB, size=THREADS)
        checks = {
            "database": self.database.reachable,
            "migrations": lambda: is_current(self.database),
            "redis": lambda: bool(broker.lines.ring.ping()),
            "worker": lambda: self._works("worker"),
            "clock": lambda: self._works("clock"),
        }
        self.exposition = open_exposition(settings)
        self.heart = Heart(self.database, "web")
        self.door = Door(settings, self.database, checks, self.exposition)

    def _works(self, process: Process) -> bool:
        with self.database.line() as line:
            return is_at_work(line, process)

    def close(self) -> None:
        """Close the pools."""
        self.exposition.close()
        self.database.close()


class Works:
    """What the worker process holds: pumps behind tickets, started and stopped in order."""

    def __init__(self, settings: Settings, broker: WakeBroker) -> None:
        """Nothing runs before `start`."""
        self.database = open_database(settings, Role.WORKER, size=WORKER_THREADS + HANDS + 8)
        self._broker = broker
        self._providers = connect_providers(settings)
        self._own = OwnAccounts(settings, self.database, {name: connector(name) for name in OWN})
        calls = Calls(settings, self._providers, self._own)
        self._drains = Drains(settings, self.database, calls)
        self._witness = Witness(settings.data_dir, self.database)
        self._inquiries = Inquiries(self.database, calls)
        self._backfill = Backfill(self.database, self._providers)
        self._reckoning = Reckoning(self.database, self._providers)
        self._receiver = Receiver(settings, self.database)
        self._questions = Questions(self.database, self._providers)
        self._hooks = Hooks(self.database, settings.secrets)
        self._fallback = Fallback(broker.outage, self.database, self._work)
        self._heart = Heart(self.database, "worker")
        declare(broker, drain=self._drains.drain, receive=self._receiver.receive)

    def start(self) -> None:
        """Begin to take tickets."""
        self._witness.start()
        self._worker = run_worker(self._broker, WORKER_THREADS)
        self._fallback.start()
        self._inquiries.start()
        self._own.start()
        self._hooks.start()
        self._backfill.start()
        self._questions.start()
        self._heart.start()
        self._reckoning.start()

    def stop(self) -> None:
        """Claim nothing more, let calls in flight finish and be recorded, give tickets back."""
        self._heart.stop()
        self._drains.halt()
        self._questions.stop()
        self._reckoning.stop()
        self._backfill.stop()
        self._hooks.stop()
        self._inquiries.stop()
        self._fallback.stop()
        stop_worker(self._worker, GRACE_SECONDS)
        self._witness.stop()
        self._own.stop()
        for provider in self._providers.values():
            provider.close()
        self.database.close()

    def _work(self, lane: str) -> None:
        if lane == wake.INBOX:
            self._receiver.receive()
        else:
            self._drains.drain(lane)


class Ticking:
    """What the clock process holds."""

    def __init__(self, settings: Settings) -> None:
        """Nothing runs before `start`."""
        self.database = open_database(settings, Role.WORKER, size=len(JOBS) + 1)
        self._heart = Heart(self.database, "clock")
        self._gate = open_database(settings, Role.WEB, size=2)
        self._clock = Clock(Means(self.database, self._gate, settings))

    def start(self) -> None:
        """Begin."""
        self._clock.start()
        self._heart.start()

    def stop(self) -> None:
        """End."""
        self._heart.stop()
        self._clock.stop()
        self._gate.close()
        self.database.close()


def open_exposition(settings: Settings) -> Exposition:
    """What `/metrics` tells of this process and the installation."""
    # No trial before each use: no time-out bounds it, and a scrape must say that the database hangs.
    return Exposition(Database(url_for(settings.database_url, Role.WEB, settings.secret), size=1, ping=False))


def open_broker(settings: Settings) -> WakeBroker:
    """The broker, with its bell installed for this process."""
    broker = connect(settings.redis_url)
    wake.install(Tickets(broker).ring)
    return broker


def close_broker(broker: WakeBroker) -> None:
    """Silence the bell and close the broker."""
    wake.install(None)
    broker.close()
