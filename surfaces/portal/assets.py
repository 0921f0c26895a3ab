"""The static files, under addresses that carry their content's hash, so that browsers may keep them for ever."""

from __future__ import annotations

from dataclasses import dataclass
from gzip import compress
from pathlib import Path

from kernel.keys import digest_of

STATIC = Path(__file__).parent / "static"
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file and its address."""

    path: Path
    url: str
    plain: bytes
    packed: bytes
    """The same, compressed by gzip."""

    @property
    def media_type(self) -> str:
        """What it is."""
        return MEDIA_TYPES[self.path.suffix]


def _asset(path: Path) -> Asset:
    plain = path.read_bytes()
    return Asset(path, f"/portal/static/{path.stem}.{digest_of(plain).hex()[:SHOWN_DIGITS]}{path.suffix}", plain, compress(plain, mtime=0))


ASSETS: dict[str, Asset] = {path.name: _asset(path) for path in sorted(STATIC.iterdir()) if path.suffix in MEDIA_TYPES}
STYLES = [ASSETS[f"{name}.css"].url for name in ("tokens", "frame", "sheet", "inbox", "settings", "operate")]
"""The style sheets in the order in which they build on each other."""
