"""What stands still, as tables in a terminal; what others wrote is printed as text, never as markup or control characters."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kernel import clock
from outbox.scrutiny import visible

PIPE_WIDTH = 200
SPANS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def stuck(items: list[dict[str, Any]], nothing: str) -> None:
    """Doubts or dead letters, a card each: ids are to be copied, so nothing is cut."""
    if not items:
        _print(Text(nothing))
    for one in items:
        card = Table.grid(padding=(0, 2))
        card.add_row(Text(one["intentId"], style="bold"), Text(f"{one['kind']} to {visible(one['recipient'])}, since {_ago(one['since'])}"))
        rows = {"text": one["firstLine"] or "(not shown)", "why": one["reason"], "asked by": one["askedBy"], "attempts": str(one["attempts"])}
        for name, words in rows.items():
            card.add_row(Text(name, style="dim"), Text(visible(words)))
        for seen in one["evidence"]:
            ref = f" ({seen['providerRef']})" if seen["providerRef"] else ""
            words = f"{seen['source']} {seen['attempt']}: {seen['outcome']}{ref} {seen['reason']}"
            card.add_row(Text(_ago(seen["at"]), style="dim"), Text(visible(words)))
        _print(card)
        _print(Text(""))


def lanes(found: dict[str, Any]) -> None:
    """Lanes, then what else is paused."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("lane", "state", "waiting", "oldest due", "rate", "why"):
        table.add_column(heading)
    for lane in found["items"]:
        state = "paused" if lane["pausedAt"] else "resting" if lane["breakerUntil"] else "slowed" if lane["pace"] else "open"
        pace = lane["pace"] or lane["rate"]
        rate = f"{pace:.3g}/s" if pace else "-"
        why = visible(lane["pauseReason"] or lane["breakerReason"] or "")
        due = _ago(lane["oldestDueAt"]) if lane["oldestDueAt"] else "-"
        table.add_row(*(Text(words) for words in (lane["lane"], state, str(lane["waiting"]), due, rate, why)))
    _print(table)
    for held in found["pauses"]:
        _print(Text(f"paused: {held['what']} {held['id'] or ''} since {_ago(held['since'])}: {visible(held['reason'])}"))


def keys(items: list[dict[str, Any]]) -> None:
    """The agents' keys."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("key", "name", "begins and ends", "made", "revoked"):
        table.add_column(heading, no_wrap=heading == "key")
    for key in items:
        revoked = _ago(key["revokedAt"]) if key["revokedAt"] else "-"
        table.add_row(*(Text(words) for words in (key["keyId"], visible(key["name"]), key["masked"], _ago(key["createdAt"]), revoked)))
    _print(table)


def answered(answer: dict[str, Any], columns: tuple[str, ...] = ()) -> None:
    """A list as a table, anything else as names and words."""
    items = answer.get("items")
    if not isinstance(items, list):
        _print(_named(answer))
        return
    shown = columns or tuple(dict.fromkeys(name for item in items for name, value in item.items() if not isinstance(value, dict | list)))
    table = Table(box=box.SIMPLE_HEAD)
    for heading in shown:
        table.add_column(heading, no_wrap=heading.endswith("Id"))
    for item in items:
        table.add_row(*(Text(_short(item.get(name))) for name in shown))
    _print(table if items else Text("Nothing."))
    _print(_named({name: value for name, value in answer.items() if name != "items" and value is not None}))


def _named(answer: dict[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    for name, value in answer.items():
        grid.add_row(Text(name, style="dim"), Text(_short(value)))
    return grid


def _short(value: Any) -> str:
    """A value in a cell: text as it is, but nothing that moves a cursor; whatever has parts as JSON."""
    if value is None:
        return "-"
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _ago(moment: str) -> str:
    seconds = int((clock.now() - datetime.fromisoformat(moment).astimezone(UTC)).total_seconds())
    size, unit = next(((size, unit) for size, unit in SPANS if abs(seconds) >= size), (1, "s"))
    return f"{seconds // size} {unit} ago" if seconds >= 0 else f"in {-seconds // size} {unit}"


def _print(shown: Table | Text) -> None:
    """To a program on wide lines, that nothing is broken; colours only where they are wanted (NO_COLOR, no terminal: none)."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(shown)
