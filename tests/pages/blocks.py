"""The code blocks of the pages people read, in order, with what the page says about running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.house.tree import ROOT, files

MARK = r"<!-- (?P<word>not run|run by|tool): (?P<what>[^\n]+) -->\n"
FENCED = r"```(?P<language>[a-z]*)\n(?P<text>.*?)^```$"
EVENT = re.compile(rf"^(?:{MARK})?{FENCED}|^<!-- then: (?P<then>[^\n]+) -->$", re.MULTILINE | re.DOTALL)
SHOWN = frozenset({"text", "http", "mermaid", "sql", "caddy"})
"""Languages of what is looked at, not run."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its page, its language, its text, and the comment right above it."""

    page: str
    language: str
    text: str
    word: str = ""
    what: str = ""

    @property
    def is_run(self) -> bool:
        """Whether this suite runs it."""
        return self.word not in {"not run", "run by"}


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does between two blocks."""

    what: str


def pages() -> list[str]:
    """Every page with code that somebody may copy."""
    return [path for path in files() if path.endswith(".md") and not path.startswith(("skills/", "tests/", ".ci/"))]


def events(page: str, text: str) -> Iterator[Block | Act]:
    """The blocks of a page, and what happens between them, as they come."""
    for found in EVENT.finditer(text):
        if found["then"]:
            yield Act(found["then"])
        else:
            yield Block(page, found["language"], found["text"], found["word"] or "", found["what"] or "")


def blocks(*languages: str) -> list[Block]:
    """Every block of these languages; of all when none is named."""
    every = [one for page in pages() for one in events(page, (ROOT / page).read_text()) if isinstance(one, Block)]
    return [block for block in every if not languages or block.language in languages]
