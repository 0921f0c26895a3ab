"""Writes a run as Markdown tables between the markers of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import median

from bench.contenders import BARE, MODES, NAIVE, PLAIN
from bench.figures import Key, Promise, Results, percentile, promises

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MODE_NAMES = {"null": "Null provider", "http": "HTTP stub, bare client", "sdk": "Twilio's SDK on the stub", "slow": "A provider that takes 50 ms, bare client"}
VERDICTS = {True: "hit", False: "**miss**", None: "–"}


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """A Markdown table; the first column reads, the others count."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows)) + "\n"


def render(results: Results) -> str:
    """Everything between the markers."""
    parts = [
        "### The run\n",
        table(["", ""], ([name, value] for name, value in results.conditions.items())),
        "### Promised and seen\n",
        table(["figure", "promised", "seen", ""], map(_promise, promises(results))),
        *(part for mode in MODES for part in (f"### Drain: {MODE_NAMES[mode]}\n", _drain_table(results, mode))),
        *_failures(results),
        "### Ceilings\n",
        table(["", "a second, median (min–max)"], ([name, spread(values)] for name, values in results.ceilings.items())),
        "### Write\n",
        _write_table(results),
        "### Latency: yes → request at the provider\n",
        _latency_table(results),
        "### Growth: one worker process, null provider\n",
        _growth_table(results),
    ]
    return "\n".join(parts)


def publish(page: Path, results: Results) -> None:
    """Replace what stands between the markers."""
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{render(results)}\n{END}{rest.partition(END)[2]}")


def spread(values: Iterable[float]) -> str:
    """Median (min–max)."""
    seen = list(values)
    return f"{median(seen):,.0f} ({min(seen):,.0f}–{max(seen):,.0f})" if seen else "–"


def _promise(promise: Promise) -> list[str]:
    return [promise.what, promise.wanted, promise.seen, VERDICTS[promise.kept]]


def _drain_table(results: Results, mode: str) -> str:
    head = [
        "who, worker processes",
        "jobs/s",
        "× plain Dramatiq",
        "× naive",
        "CPU ÷ plain",
        "CPU ms a job",
        "workers",
        "PostgreSQL",
        "commits/1,000",
        "WAL KB/1,000",
        "MB",
    ]
    keys = [key for key in (*results.drains, *results.loops) if key[1] == mode]
    return table([*head, "rounds"], (_drain_row(results, key) for key in sorted(keys, key=lambda key: (key[2], -median(results.rates(key).values())))))


def _drain_row(results: Results, key: Key) -> list[str]:
    name, mode, processes = key
    rates = results.rates(key)
    readings = list(results.drains.get(key, {}).values())

    def middle(what: str, digits: int) -> str:
        return f"{median(reading[what] for reading in readings):,.{digits}f}" if readings else "–"

    ratios = [_times(results.ratio(key, (other, mode, processes))) for other in (PLAIN, NAIVE)]
    costs = results.costs(key).values()
    shares = [
        _times(results.cost_ratio(key, (PLAIN, mode, processes))),
        f"{median(costs):.2f}" if costs else "–",
        *(middle(w, 2) for w in ("worker_ms", "postgres_ms")),
    ]
    shown = BARE if name == "bare" else name
    return [f"{shown}, {processes}", spread(rates.values()), *ratios, *shares, *(middle(w, 0) for w in ("commits", "wal_kb", "memory_mb")), str(len(rates))]


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


def _failures(results: Results) -> list[str]:
    if not results.failures:
        return []
    return ["Not measured:\n", *(f"- {name} ({mode}, {processes}): {why}" for (name, mode, processes), why in results.failures.items()), ""]


def _write_table(results: Results) -> str:
    bare = next(iter(results.writes.values()), [])
    rows = [[name, spread(rates), f"{median(a / b for a, b in zip(rates, bare, strict=True)):.2f}"] for name, rates in results.writes.items()]
    return table(["transaction, one after the other", "a second", "÷ bare"], rows)


def _latency_table(results: Results) -> str:
    rows = [
        [name, pace, *(f"{percentile(delays, share):.1f}" for share in (0.5, 0.9, 0.99)), str(len(delays))]
        for name, paces in results.latency.items()
        for pace, delays in paces.items()
    ]
    return table(["who", "pace", "p50 ms", "p90 ms", "p99 ms", "messages"], rows)


def _growth_table(results: Results) -> str:
    rows = [[f"{g.finished:,}", f"{g.tick_ms:.2f}", f"{g.rate:,.0f}", f"{g.commits:.0f}", f"{g.wal_kb:,.0f}"] for g in results.growth]
    return table(["finished rows", "tick that claims 16, ms", "jobs/s", "commits/1,000", "WAL KB/1,000"], rows)
