"""What the readings of a run say: medians over rounds, ratios within a round, and the promised figures with hit or miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.contenders import NAIVE, OURS, PLAIN
from bench.latency import OURS_FROM_COMMIT

Key = tuple[str, str, int]
"""Contender, mode, processes."""


@dataclass
class Results:
    """One run; every list has one entry a round."""

    conditions: dict[str, str] = field(default_factory=dict)
    drains: dict[Key, dict[int, dict[str, float]]] = field(default_factory=dict)
    """By contender, mode and processes, then by round."""
    failures: dict[Key, str] = field(default_factory=dict)
    loops: dict[Key, dict[int, float]] = field(default_factory=dict)
    """Bare loops, beside the drains: calls a second."""
    loop_ms: dict[Key, dict[int, float]] = field(default_factory=dict)
    """And the CPU milliseconds of a call."""
    ceilings: dict[str, list[float]] = field(default_factory=dict)
    writes: dict[str, list[float]] = field(default_factory=dict)
    latency: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    growth: list[Any] = field(default_factory=list)

    def rates(self, key: Key) -> dict[int, float]:
        """Jobs a second, by round."""
        return self.loops.get(key) or {turn: reading["rate"] for turn, reading in self.drains.get(key, {}).items()}

    def costs(self, key: Key) -> dict[int, float]:
        """CPU milliseconds a job, in workers, PostgreSQL and Redis together, by round."""
        readings = self.drains.get(key, {}).items()
        return self.loop_ms.get(key) or {turn: r["worker_ms"] + r["postgres_ms"] + r["redis_ms"] for turn, r in readings}

    def ratio(self, key: Key, to: Key) -> float | None:
        """How many times as fast: the median of the ratios within each round that has both."""
        return _ratio(self.rates(key), self.rates(to))

    def cost_ratio(self, key: Key, to: Key) -> float | None:
        """How many times the processor time, in the same way."""
        return _ratio(self.costs(key), self.costs(to))


def _ratio(mine: dict[int, float], other: dict[int, float]) -> float | None:
    both = [mine[turn] / other[turn] for turn in mine if turn in other]
    return median(both) if both else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so large a share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Promise:
    """One figure of the design: what was promised, what was seen."""

    what: str
    wanted: str
    seen: str
    kept: bool | None


def promises(results: Results) -> list[Promise]:
    """All that this run can judge."""
    return [*_drains(results), *_loops(results), *_latency(results), *_writes(results)]


def _at_least(what: str, floor: float, seen: float | None) -> Promise:
    return Promise(what, f"≥ {floor:g}", "not measured" if seen is None else f"{seen:.2f}", None if seen is None else seen >= floor)


def _drains(results: Results) -> list[Promise]:
    naive = [
        _at_least(f"drain, null provider, {n} worker process{'es' if n > 1 else ''} ÷ naive Dramatiq", 5, results.ratio((OURS, "null", n), (NAIVE, "null", n)))
        for n in (1, 2)
    ]
    plain = [
        _at_least(f"drain, {name}, 2 worker processes ÷ plain Dramatiq", floor, results.ratio((OURS, mode, 2), (PLAIN, mode, 2)))
        for mode, name, floor in (("http", "HTTP stub", 2), ("sdk", "Twilio SDK", 2.6))
    ]
    return naive + plain


def _loops(results: Results) -> list[Promise]:
    return [
        _at_least(
            f"end to end, {mode}, {n} process{'es' if n > 1 else ''} ÷ bare loop over the same client", 0.85, results.ratio((OURS, mode, n), ("bare", mode, n))
        )
        for mode in ("http", "sdk", "slow")
        for n in (1, 2)
    ]


def _latency(results: Results) -> list[Promise]:
    found = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        peers = [percentile(results.latency[peer]["idle"], share) for peer in ("PgQueuer", "procrastinate") if peer in results.latency]
        if peers and OURS_FROM_COMMIT in results.latency:
            mine = percentile(results.latency[OURS_FROM_COMMIT]["idle"], share)
            seen = f"{mine / min(peers):.2f} ({mine:.1f} ms ÷ {min(peers):.1f} ms)"
            found.append(Promise(f"approve → provider called, idle, {name} ÷ best LISTEN/NOTIFY peer", "≤ 1.2", seen, mine <= 1.2 * min(peers)))
    return found


def _writes(results: Results) -> list[Promise]:
    bare, *_ = results.writes or [""]
    if not bare:
        return []
    pairs = {name: median(a / b for a, b in zip(rates, results.writes[bare], strict=True)) for name, rates in results.writes.items()}
    _, intent, request = pairs
    whole = Promise("the same with the whole request for approval", "–", f"{pairs[request]:.2f}", None)
    return [_at_least("business transaction with an intent ÷ bare insert", 0.75, pairs[intent]), whole]
