"""What a policy may say of a request: nothing, or that more is asked for; joined verdicts only ever ask for more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Widget = Literal["number", "tick", "clock", "actions", "countries", "money"]


class Draw(BaseModel):
    """What a request takes of the day's budget of its policy, and how much that budget holds."""

    model_config = ConfigDict(frozen=True)

    amount: int = Field(ge=0)
    cap: int = Field(ge=0)


class Verdict(BaseModel):
    """The word of one policy; the defaults ask for nothing but the one person who must approve anyway."""

    model_config = ConfigDict(frozen=True)

    why: str = ""
    next_step: str = ""
    is_refused: bool = False
    people: int = Field(1, ge=1, le=2)
    not_alone: UUID | None = None
    """Who may not be the only one to approve."""
    in_person: bool = False
    """Whether a person must read it: no standing approval is enough."""
    not_before: datetime | None = None
    draw: Draw | None = None


NOTHING = Verdict()


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """All of them at once: whatever one of them asks for is asked for."""
    said = list(verdicts)
    makers = {verdict.not_alone for verdict in said if verdict.not_alone}
    moments = [verdict.not_before for verdict in said if verdict.not_before]
    return Verdict(
        is_refused=any(verdict.is_refused for verdict in said),
        people=max([2 if len(makers) > 1 else 1, *(verdict.people for verdict in said)]),
        not_alone=min(makers, default=None),
        in_person=any(verdict.in_person for verdict in said),
        not_before=max(moments, default=None),
    )


class PolicySettings(BaseModel):
    """What an owner or a manager may set of a policy; the defaults hold until somebody does."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def asked(default: Any, title: str, widget: Widget, **limits: Any) -> Any:
    """One thing to set: its default, the words beside it on the page, and how it is typed in."""
    return Field(default, title=title, json_schema_extra={"widget": widget}, **limits)
