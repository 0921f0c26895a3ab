"""How many people a request needs, and who of them may not be the only one: pure decisions over plain facts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Facts:
    """What a ruling looks at."""

    action: str
    recipients: int
    deciders: int
    """How many people of the workspace may decide today."""
    four_eyes: frozenset[str] = frozenset()
    """The actions for which whoever made the asking key may not be the only one to approve."""
    maker: UUID | None = None
    """Who made the asking key; None when the host's shell did, or no key asks."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the database will count by: so many people, and not this one alone."""

    needs: int = 1
    not_alone: UUID | None = None
    is_sole_owner: bool = False
    """Whether more would be asked for, were there anybody else to ask."""


def people_needed(_facts: Facts) -> int:
    """How many people must approve."""
    return 1


def judge(facts: Facts) -> Ruling:
    """The ruling; a workspace with a single decider is never asked for a second one."""
    wanted = Ruling(people_needed(facts), facts.maker if facts.action in facts.four_eyes else None)
    if facts.deciders == 1 and wanted != Ruling():
        return Ruling(is_sole_owner=True)
    return wanted
