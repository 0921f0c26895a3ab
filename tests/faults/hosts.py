"""Three worker hosts, each in a network namespace of its own, on one PostgreSQL and one Redis: one is cut off, one killed, one has a wrong clock.

A case of `./dev faults-root`. Each host reaches the database, Redis and the provider over a link of its own, which can be taken down:
then nothing arrives any more, and no end of a connection learns of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy.engine import make_url

from tests.faults.checker import Reckoning, reconcile
from tests.fixtures.nursery import ROOT
from tests.fixtures.proxy import FORWARD, Proxy, Rule
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

WRONG_S = 3600
"""How far the third host's clock is ahead."""
SLOW_S = 0.3
"""How long the provider takes to answer, so that calls are under way when a host is lost."""
TOGETHER, AFTER = 100, 30
CALLING = "SELECT 1 FROM delivery WHERE state = 'calling'"
SLOTS = 4
SKEWED = "import sys; from datetime import timedelta; from kernel import clock; clock.skew(timedelta(seconds=float(sys.argv[1])))"
PROGRAM = f"{SKEWED}; from processes import worker; worker.main()"


class Refused(Exception):
    """This machine lets nobody make what a host needs."""


@dataclass
class Host:
    """A worker behind a link of its own."""

    name: str
    link: str
    process: subprocess.Popen[bytes]

    def cut(self) -> None:
        """Nothing passes any more."""
        ip("link", "set", self.link, "down")

    def heal(self) -> None:
        """Everything passes again."""
        ip("link", "set", self.link, "up")

    def kill(self) -> None:
        """`kill -9`."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def ip(*words: str) -> None:
    """Change the network. Raises Refused."""
    done = subprocess.run(["/usr/bin/env", "ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def network(number: int) -> Iterator[tuple[str, str, str]]:
    """A namespace with a link to here: its name, the link's, and the address here."""
    name, link, there = f"sayso-{os.getpid()}-{number}", f"sy{os.getpid() % 10**6}-{number}", f"sz{os.getpid() % 10**6}-{number}"
    here = f"198.18.{number}.1"
    ip("netns", "add", name)
    try:
        ip("link", "add", link, "type", "veth", "peer", "name", there, "netns", name)
        ip("address", "add", f"{here}/30", "dev", link)
        ip("link", "set", link, "up")
        ip("-n", name, "address", "add", f"198.18.{number}.2/30", "dev", there)
        ip("-n", name, "link", "set", there, "up")
        yield name, link, here
    finally:
        ip("netns", "delete", name)  # the link goes with it


@contextmanager
def host(stage: Stage, number: int, wrong: float = 0) -> Iterator[tuple[Host, Proxy]]:
    """A worker in a namespace; lends it, and what it reaches the provider through."""
    with ExitStack() as stack:
        name, link, here = stack.enter_context(network(number))
        database, redis, provider = (stack.enter_context(Proxy(target, here)) for target in targets(stage))
        environment = stage.environment | {
            "SAYSO_DATABASE_URL": make_url(stage.settings.database_url).set(host=here, port=database.port, query={}).render_as_string(hide_password=False),
            "SAYSO_REDIS_URL": f"redis://{here}:{redis.port}/{parse_qs(urlsplit(stage.settings.redis_url).query)['db'][0]}",
            "TWILIO_API_BASE": f"http://{here}:{provider.port}",
            "SENDGRID_API_BASE": f"http://{here}:{provider.port}",
            "SAYSO_DATA_DIR": str(stage.place / name),
        }
        command = ["/usr/bin/env", "ip", "netns", "exec", name, sys.executable, "-c", PROGRAM, str(wrong)]
        with (stage.place / f"{name}.log").open("wb") as log:
            running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
        one = Host(name, link, running)
        try:
            yield one, provider
        finally:
            if running.poll() is None:
                one.kill()


def targets(stage: Stage) -> Iterator[str | tuple[str, int]]:
    """Where PostgreSQL, Valkey and the provider listen."""
    at = make_url(stage.settings.database_url).query
    yield f"{at['host']}/.s.PGSQL.{at['port']}"
    yield unquote(urlsplit(stage.settings.redis_url).path)
    yield ("127.0.0.1", int(stage.stub.url.rpartition(":")[2]))


def three_hosts(stage: Stage) -> Reckoning:
    """Send from three hosts, lose two of them on the way, heal one, and reckon."""
    stage.start("clock")
    with ExitStack() as stack:
        (lost, by_lost), (killed, by_killed), (ahead, by_ahead) = (
            stack.enter_context(host(stage, number, wrong)) for number, wrong in ((1, 0), (2, 0), (3, WRONG_S))
        )
        for proxy in (by_lost, by_killed, by_ahead):
            proxy.obey(Rule(delay=SLOW_S))
        stage.execute("UPDATE lane SET paused_at = now()")
        stage.approve(TOGETHER)
        stage.hush()
        stage.execute("UPDATE lane SET paused_at = NULL")
        until(lambda: len(stage.execute(CALLING)) > SLOTS * 2, 60, "the three never called at once")
        lost.cut()
        killed.kill()
        stage.settle(90)
        by_lost.obey(FORWARD)
        lost.heal()
        ahead.kill()  # whoever was cut off is alone now, and has to find its way back
        stage.approve(AFTER)
        stage.hush()
        stage.settle(90)
        return reconcile(stage)
