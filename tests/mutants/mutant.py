"""One mutant: a defence that is taken out of one file, and the few tests of which at least one must then fail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SQL = "migrations/sql/0001_first_say_so"


@dataclass(frozen=True)
class Mutant:
    """What stands in the file once, and what stands there instead."""

    name: str
    file: str
    was: str
    becomes: str
    tests: tuple[str, ...]
    spared: str = ""
    """Why it may survive: what else holds the same line. Empty: it may not."""

    def born_in(self, root: Path) -> str:
        """The file's text with the defence taken out."""
        text = (root / self.file).read_text()
        if text.count(self.was) != 1:
            msg = f"{self.name}: what it changes stands {text.count(self.was)} times in {self.file}, not once"
            raise ValueError(msg)
        return text.replace(self.was, self.becomes)
