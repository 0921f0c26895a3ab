"""Draws a run as an SVG: jobs a second at two worker processes, as a multiple of plain Dramatiq, with the bare loop as the ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench.contenders import MODES, OURS, PLAIN
from bench.figures import Results
from bench.report import MODE_NAMES

WIDTH, LEFT, RIGHT, BAR, GAP = 860, 300, 70, 18, 6
OURS_INK, OTHER_INK, CEILING_INK, INK, PAPER = "#0f6b5c", "#b9c2c0", "#c0392b", "#22302d", "#ffffff"


def draw(results: Results) -> str:
    """The whole picture."""
    groups = [(mode, rows) for mode in MODES if (rows := _ratios(results, mode))]
    most = max([1.0, *(ratio for _, rows in groups for _, ratio in rows)])
    scale = (WIDTH - LEFT - RIGHT) / most
    parts: list[str] = []
    top = 56.0
    for mode, rows in groups:
        parts.append(_text(16, top, MODE_NAMES[mode], weight="600"))
        top += 12
        for name, ratio in rows:
            parts += _bar(name, ratio, top, scale)
            top += BAR + GAP
        top += 30
    one = LEFT + scale
    title = _text(16, 26, "Jobs a second, 2 worker processes, plain Dramatiq = 1", size=16, weight="600")
    line = f'<line x1="{one:.1f}" x2="{one:.1f}" y1="44" y2="{top - 24:.0f}" stroke="{INK}" stroke-dasharray="2 3" stroke-width="1"/>'
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" role="img" font-family="system-ui, sans-serif">'
    return "\n".join([frame, f'<rect width="100%" height="100%" fill="{PAPER}"/>', title, *parts, line, "</svg>"]) + "\n"


def publish(file: Path, results: Results) -> None:
    """Write it."""
    file.write_text(draw(results))


def _ratios(results: Results, mode: str) -> list[tuple[str, float]]:
    keys = [key for key in (*results.drains, *results.loops) if key[1:] == (mode, 2)]
    found = [(key[0], results.ratio(key, (PLAIN, mode, 2))) for key in keys]
    return sorted(((name, ratio) for name, ratio in found if ratio), key=lambda pair: -pair[1])


def _bar(name: str, ratio: float, top: float, scale: float) -> Iterator[str]:
    ink = {OURS: OURS_INK, "bare": CEILING_INK}.get(name, OTHER_INK)
    shown = "ceiling: bare loop over the same client" if name == "bare" else name
    yield f'<rect x="{LEFT}" y="{top:.0f}" width="{ratio * scale:.1f}" height="{BAR}" rx="2" fill="{ink}"/>'
    yield _text(LEFT - 8, top + 13, shown, anchor="end", weight="600" if name == OURS else "400")
    yield _text(LEFT + ratio * scale + 6, top + 13, f"{ratio:.2f}")


def _text(x: float, y: float, words: str, **style: object) -> str:
    size, weight, anchor = style.get("size", 12), style.get("weight", "400"), style.get("anchor", "start")
    return f'<text x="{x:.1f}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{INK}">{escape(words)}</text>'
