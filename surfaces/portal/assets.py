"""The static files, under addresses that carry their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kernel.keys import digest_of

STATIC = Path(__file__).parent / "static"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file and its address."""

    path: Path
    url: str

    @property
    def media_type(self) -> str:
        """What it is."""
        return MEDIA_TYPES[self.path.suffix]


def _asset(path: Path) -> Asset:
    return Asset(path, f"/portal/static/{path.stem}.{digest_of(path.read_bytes()).hex()[:SHOWN_DIGITS]}{path.suffix}")


ASSETS: dict[str, Asset] = {path.name: _asset(path) for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA_TYPES}
STYLES = [ASSETS[f"{name}.css"].url for name in ("tokens", "frame", "sheet", "inbox")]
"""The style sheets in the order in which they build on each other."""
