"""The skills: how an agent does a whole task with our tools, as SKILL.md packages; read once, since they do not change."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
PLACES = (HERE.parent / "skills", HERE / "skills")
"""In a checkout, and in a wheel."""
FENCE = "---\n"
FILE = "SKILL.md"


@dataclass(frozen=True, slots=True)
class Skill:
    """One SKILL.md."""

    name: str
    description: str
    text: str

    @property
    def uri(self) -> str:
        """How it is named over MCP."""
        return f"skill://{self.name}/{FILE}"

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.text.encode())

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"


@cache
def skills() -> dict[str, Skill]:
    """Every skill by its name, sorted."""
    place = next(place for place in PLACES if place.is_dir())
    return {found.name: found for found in (parsed(path.read_text("utf-8")) for path in sorted(place.glob(f"*/{FILE}")))}


def parsed(text: str) -> Skill:
    """A skill from its file: between two fences a line for the name and one for the description. Raises ValueError."""
    _, front, _ = text.split(FENCE, 2)
    said = dict(line.split(": ", 1) for line in front.splitlines())
    if set(said) != {"name", "description"}:
        msg = "the front matter says name and description, each in a line"
        raise ValueError(msg)
    return Skill(said["name"], said["description"], text)
