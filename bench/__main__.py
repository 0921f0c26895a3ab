"""`./dev bench`: one run of everything, interleaved round by round, written to docs/performance.md and docs/performance.svg.

`--quick` is one round of the essentials in about two minutes and writes nothing; `--render` draws the last full run again.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench import ceilings, growth, intents, latency, plot, report, writes
from bench.conditions import begin, conditions
from bench.contenders import MODES, Contender, everyone
from bench.drains import NotDrained, drain
from bench.figures import Results
from bench.ground import Ground, prepared
from bench.peers_venv import peers_python
from kernel.db import Database
from kernel.settings import CHECKOUT, load

ROUNDS = 3
ENOUGH_S = 330
"""No round begins later than this: on a crowded machine there are fewer rounds, and the page says how many."""
SIZES = [10_000, 100_000, 1_000_000]
PAGE, PICTURE = CHECKOUT / "docs" / "performance.md", CHECKOUT / "docs" / "performance.svg"


class Run:
    """One run on one ground."""

    def __init__(self, ground: Ground, python: Path, *, quick: bool) -> None:
        self._ground = ground
        self._python = python
        self._quick = quick
        self.results = Results()

    def whole(self, absent: str) -> Results:
        """Everything, in an order that puts the largest tables last."""
        owner = intents.open_owner(self._ground)
        start = begin()
        rounds = 0
        while rounds < (1 if self._quick else ROUNDS) and time.monotonic() - start.moment < ENOUGH_S:
            self._round(owner, rounds, absent)
            rounds += 1
        self._ceilings()
        self.results.writes = writes.measure(self._ground, 3 if self._quick else 6)
        self._say("write", "done")
        if not absent:
            self.results.latency = latency.measure(self._ground, self._python, quick=self._quick)
        self._say("latency", "done")
        self.results.growth = [] if self._quick else growth.measure(self._ground, owner, self._python, SIZES)
        owner.close()
        self.results.conditions = conditions(self._ground, start, rounds)
        return self.results

    def _round(self, owner: Database, turn: int, absent: str) -> None:
        for mode in MODES:
            for contender in everyone(mode, turn, quick=self._quick):
                self._drain(owner, turn, contender, absent)
            self._loops(mode, turn)

    def _drain(self, owner: Database, turn: int, contender: Contender, absent: str) -> None:
        key = (contender.name, contender.mode, contender.processes)
        if contender.fill and absent:
            self.results.failures[key] = f"could not be installed: {absent}"
            return
        try:
            reading = drain(self._ground, owner, contender, self._python)
        except NotDrained as reason:
            self.results.failures[key] = str(reason)
            self._say(key, reason)
        else:
            self.results.drains.setdefault(key, {})[turn] = asdict(reading)
            self._say(key, f"{reading.rate:.0f}/s")

    def _loops(self, mode: str, turn: int) -> None:
        for processes in () if mode == "null" else (2,) if self._quick else (1, 2):
            key = ("bare", mode, processes)
            rate, cost = ceilings.bare_loop(self._ground, mode, processes)
            self.results.loops.setdefault(key, {})[turn] = rate
            self.results.loop_ms.setdefault(key, {})[turn] = cost
            self._say(key, f"{rate:.0f}/s")

    def _ceilings(self) -> None:
        for turn in range(1 if self._quick else 2):
            for name, rate in ceilings.measure(self._ground, self._python).items():
                self.results.ceilings.setdefault(name, []).append(rate)
                self._say((turn, name), f"{rate:.0f}/s")

    def _say(self, what: object, seen: object) -> None:
        print(f"bench: {what} {seen}", flush=True)


def main() -> None:
    """Measure, or draw what was measured."""
    asked = argparse.ArgumentParser(prog="./dev bench", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--quick", action="store_true", help="one round of the essentials; prints, and writes no page")
    asked.add_argument("--render", action="store_true", help="draw the page and the picture of the last full run again")
    given = asked.parse_args()
    home = load().data_dir / "bench"
    kept = home / "last.pickle"
    if given.render:
        results = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file of the last run
    else:
        python, absent = peers_python(home)
        with prepared(home) as ground:
            results = Run(ground, python, quick=given.quick).whole(absent)
    if given.quick:
        sys.stdout.write(report.render(results))
        return
    kept.write_bytes(pickle.dumps(results))
    report.publish(PAGE, results)
    plot.publish(PICTURE, results)


if __name__ == "__main__":
    main()
