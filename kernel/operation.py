"""One declaration, every surface: `@operation` turns a function into a tool, a REST route, a CLI command and a page of docs.

The function's name, docstring and annotations are the declaration; the arguments model and the answer model give the
schemas. Arguments are camelCase on the wire, and an unknown one is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from kernel.call import Call

F = TypeVar("F", bound=Callable[..., Any])
PUBLIC = "public"
LONGEST_WAIT = 25
"""Seconds for which an operation may keep its caller waiting: proxies give up after 30."""
KEY_RULE = "Any unique text, 8-64 characters. Reuse the same key when you retry; take a new key only for a new action."


class Effect(StrEnum):
    """What an operation does to the world; the wire hints follow from it."""

    READ = "read"
    WRITE = "write"
    SET = "set"
    DESTROY = "destroy"
    SEND = "send"


class Asked(BaseModel):
    """Arguments of an operation."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True, str_strip_whitespace=False)


class AskedOnce(Asked):
    """Arguments of an operation that creates or sends."""

    idempotency_key: str | None = Field(None, min_length=8, max_length=64, description=KEY_RULE)


class NoArguments(Asked):
    """An operation without arguments."""


class Answer(BaseModel):
    """What an operation answers."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    def is_waiting(self) -> bool:
        """Whether a caller that said `waitSeconds` should be kept waiting for a newer answer."""
        return False

    def waits_for(self) -> UUID | None:
        """The request that a person must decide before there is a newer answer; None when no person is needed."""
        return None


@dataclass(frozen=True, slots=True)
class Operation:
    """A declared operation; surfaces are functions over this."""

    name: str
    title: str
    summary: str
    scope: str
    effect: Effect
    asked: type[Asked]
    answer: type[Answer]
    run: Callable[[Call, Any], Answer]
    aliases: tuple[str, ...]
    example: dict[str, Any]
    operated: bool = False
    """Whether whoever operates may call it too, for it takes something away."""

    @property
    def is_public(self) -> bool:
        """Whether it may be called without a key."""
        return self.scope == PUBLIC

    @property
    def takes_key(self) -> bool:
        """Whether it accepts an idempotencyKey."""
        return issubclass(self.asked, AskedOnce)


REGISTRY: dict[str, Operation] = {}
ALIASES: dict[str, str] = {}


def operation(scope: str, effect: Effect, *, aliases: tuple[str, ...] = (), example: dict[str, Any] | None = None, operated: bool = False) -> Callable[[F], F]:
    """Declare the decorated function `(call: Call, asked: SomeAsked) -> SomeAnswer` as an operation of `scope`."""

    def declare(function: F) -> F:
        hints = get_type_hints(function)
        name = function.__name__
        if name in REGISTRY:
            msg = f"{name} is declared twice"
            raise ValueError(msg)
        REGISTRY[name] = Operation(
            name=name,
            title=name.replace("_", " ").capitalize(),
            summary=" ".join((function.__doc__ or "").split()),
            scope=scope,
            effect=effect,
            asked=hints["asked"],
            answer=hints["return"],
            run=function,
            aliases=aliases,
            example=example or {},
            operated=operated,
        )
        ALIASES.update(dict.fromkeys(aliases, name))
        return function

    return declare


def find(name: str) -> Operation | None:
    """The operation with this name or alias."""
    return REGISTRY.get(ALIASES.get(name, name))
