"""What an operation looks like on the wire: its hints, and the JSON Schemas of its arguments and its answer."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel

from kernel.operation import REGISTRY, Effect, Operation

REPLAYED = {"type": "boolean", "description": "True: this is the answer of an earlier call with the same idempotencyKey."}
NAMED = frozenset({"properties", "$defs", "patternProperties"})
NULL = {"type": "null"}
VERBATIM = frozenset({"default", "examples", "const", "enum", "required"})


def names() -> tuple[str, ...]:
    """The name of every operation, sorted, so that lists are the same each time."""
    return tuple(sorted(REGISTRY))


def named(wanted: tuple[str, ...]) -> list[Operation]:
    """The operations with these names."""
    return [REGISTRY[name] for name in wanted]


def hints(operation: Operation) -> dict[str, Any]:
    """The annotations of the tool, each said explicitly: an absent hint is read as the worst."""
    effect = operation.effect
    reads = effect is Effect.READ
    return {
        "title": operation.title,
        "readOnlyHint": reads,
        "destructiveHint": effect is Effect.DESTROY,
        "idempotentHint": reads or effect is Effect.SET,
        "openWorldHint": effect is Effect.SEND or (operation.is_public and not reads),
    }


def of_arguments(operation: Operation) -> dict[str, Any]:
    """The schema of the arguments."""
    return _schema(operation.asked, "validation")


def of_answer(operation: Operation) -> dict[str, Any]:
    """The schema of the answer: always an object, and with `replayed` where a key is taken."""
    return with_replayed(operation, _schema(operation.answer, "serialization"))


def with_replayed(operation: Operation, schema: dict[str, Any]) -> dict[str, Any]:
    """The answer's schema as the wire has it; `replayed` is the surface's word, so no model declares it."""
    if not operation.takes_key:
        return schema
    return {**schema, "properties": {**schema.get("properties", {}), "replayed": REPLAYED}}


def tidy(schema: Any) -> Any:
    """Without the titles that pydantic derives from names: they cost a reader a fifth more and say nothing."""
    if isinstance(schema, list):
        return [tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _tidy_member(key, value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}


def _tidy_member(key: str, value: Any) -> Any:
    if key in VERBATIM:
        return value
    return {name: tidy(item) for name, item in value.items()} if key in NAMED else tidy(value)


def brief(schema: Any, *, answer: bool) -> Any:
    """The same said shorter, since a list of tools is read in every conversation.

    An argument that may be left out is not also said to be null, which is taken all the same; an answer is not held to
    patterns and defaults, and what may be null there is a type, not a choice.
    """
    if isinstance(schema, list):
        return [brief(item, answer=answer) for item in schema]
    if not isinstance(schema, dict):
        return schema
    short = {key: _brief_member(key, value, answer=answer) for key, value in schema.items() if not (answer and key in {"pattern", "default"})}
    return _without_choice(short, answer=answer)


def _brief_member(key: str, value: Any, *, answer: bool) -> Any:
    if key in VERBATIM:
        return value
    return {name: brief(item, answer=answer) for name, item in value.items()} if key in NAMED else brief(value, answer=answer)


def _without_choice(schema: dict[str, Any], *, answer: bool) -> dict[str, Any]:
    options = schema.get("anyOf", [])
    others = [option for option in options if option != NULL]
    if len(others) == len(options):
        return schema
    kept = {key: value for key, value in schema.items() if key != "anyOf" and not (key == "default" and value is None)}
    if len(others) > 1:
        return {**kept, "anyOf": options if answer else others}
    only = others[0]
    if not answer:
        return {**only, **kept}
    plain = isinstance(only.get("type"), str) and "enum" not in only and "const" not in only
    return {**only, **kept, "type": [only["type"], "null"]} if plain else {**kept, "anyOf": options}


@cache
def _schema(model: type[BaseModel], mode: Any) -> dict[str, Any]:
    shown = brief(tidy(model.model_json_schema(mode=mode)), answer=mode == "serialization")
    shown.pop("description", None)
    return {"type": "object", "properties": {}, **shown}
