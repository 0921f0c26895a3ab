"""The tools that find tools: by words, and one in full."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import Field

from approvals.operating import OPERATE
from crm.access.finding import found
from kernel.arguments import plain
from kernel.call import Call, Caller
from kernel.errors import IdempotencyConflict, InvalidArguments, NotFound, SaysoError, ScopeMissing
from kernel.operation import REGISTRY, Answer, Asked, Effect, Operation, find, operation
from kernel.schema import hints, of_answer, of_arguments

MOST = 5
LONGEST_QUERY = 500
LONGEST_NAME = 80


class QueryPlatform(Asked):
    """What somebody wants to do."""

    query: str = Field(min_length=1, max_length=LONGEST_QUERY, description="What you want to do, in your words: cancel an appointment.")
    limit: int = Field(MOST, ge=1, le=20, description="How many.")


class Tip(Answer):
    """A tool that may do it."""

    tool: str = Field(description="Its name.")
    description: str = Field(description="What it does.")
    example: dict[str, Any] = Field(description="Arguments that it takes.")
    scope: str = Field(description="What a key must hold.")
    may_call: bool = Field(description="Whether your key holds it.")


class Tips(Answer):
    """Tools, the likeliest first."""

    items: list[Tip]
    next_cursor: str | None = None
    next_step: str


@operation("workspace", Effect.READ, aliases=("query_favcrm_platform",), example={"query": "cancel an appointment"})
def query_platform(call: Call, asked: QueryPlatform) -> Tips:
    """Find the right tool by what you want to do, in plain words; the likeliest first."""
    names = [name for name, each in REGISTRY.items() if each.scope != OPERATE]
    tips = [_tip(each, call.caller) for each in found(asked.query, names, asked.limit)]
    said = "See a tool in full with describe_tool, or call it." if tips else f"Say it in other words, or read tools/list: there are {len(names)} tools."
    return Tips(items=tips, next_step=said)


class DescribeTool(Asked):
    """Which tool."""

    tool_name: str = Field(max_length=LONGEST_NAME, description="From query_platform or tools/list.")


class Refusal(Answer):
    """How it may be refused."""

    code: str = Field(description="Stable.")
    meaning: str = Field(description="When.")
    next_step: str


class Described(Answer):
    """A tool in full."""

    tool: str = Field(description="Its name.")
    aliases: list[str] = Field(description="Other names for it.")
    description: str = Field(description="What it does.")
    scope: str = Field(description="What a key must hold.")
    may_call: bool = Field(description="Whether your key holds it.")
    annotations: dict[str, Any] = Field(description="What it does to the world.")
    input_schema: dict[str, Any] = Field(description="JSON Schema of its arguments.")
    output_schema: dict[str, Any] = Field(description="JSON Schema of its answer.")
    example: dict[str, Any] = Field(description="Arguments that it takes.")
    errors: list[Refusal] = Field(description="The usual refusals.")


@operation("workspace", Effect.READ, example={"toolName": "create_booking"})
def describe_tool(call: Call, asked: DescribeTool) -> Described:
    """Show one tool in full: arguments, answer, an example and its usual refusals."""
    each = find(asked.tool_name)
    if each is None:
        raise NotFound(f"There is no tool '{plain(asked.tool_name)}'.", next_step="Find one with query_platform.")
    return Described(
        tool=each.name,
        aliases=list(each.aliases),
        description=each.summary,
        scope=each.scope,
        may_call=_may_call(each, call.caller),
        annotations=hints(each),
        input_schema=of_arguments(each),
        output_schema=of_answer(each),
        example=each.example,
        errors=[_refusal(error) for error in refusals(each)],
    )


def refusals(each: Operation) -> list[type[SaysoError]]:
    """The refusals that its module knows, and those of every tool like it; there may be others."""
    usual: list[type[SaysoError]] = [InvalidArguments, *([] if each.is_public else [ScopeMissing]), *([IdempotencyConflict] if each.takes_key else [])]
    module = inspect.getmodule(each.run)
    own = [thing for thing in vars(module).values() if inspect.isclass(thing) and issubclass(thing, SaysoError)]
    return list({error.code: error for error in (*usual, *own)}.values())


def _refusal(error: type[SaysoError]) -> Refusal:
    return Refusal(code=error.code, meaning=(error.__doc__ or "").strip().splitlines()[0], next_step=error.next_step)


def _tip(each: Operation, caller: Caller) -> Tip:
    return Tip(tool=each.name, description=each.summary, example=each.example, scope=each.scope, may_call=_may_call(each, caller))


def _may_call(each: Operation, caller: Caller) -> bool:
    return each.is_public or each.scope in caller.scopes or (each.effect is Effect.READ and f"{each.scope}:read" in caller.scopes)
