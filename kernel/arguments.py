"""Validates the arguments of an operation and says what is wrong with them: by name, all at once, never repeating a value."""

from __future__ import annotations

import re
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kernel.errors import HeaderInjection, InvalidArguments
from kernel.operation import Asked, Operation

M = TypeVar("M", bound=BaseModel)
HEADER_INJECTION = "header_injection"
"""The kind of fault of a word that could end the line of a header."""
MOST_FAULTS = 8
DEEPEST = 40
LONGEST_NAME = 60
LARGEST = 2**53 - 1
"""Larger numbers mean different things to different readers of JSON (RFC 8785), and no amount here needs them."""
UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
OURS = {
    "missing": "is required",
    "string_unicode": "holds characters that are not text",
    "uuid_parsing": "should be a UUID",
    "union_tag_not_found": "does not say which kind it is",
}
"""Where pydantic's own sentence would repeat a piece of the value, or speak of Python."""


def validated(operation: Operation, raw: dict[str, Any]) -> Asked:
    """The arguments as the operation's model; raises InvalidArguments with one sentence per fault."""
    if not isinstance(raw, dict):
        msg = "The arguments must be one JSON object."
        raise InvalidArguments(msg)
    return fitted(operation.asked, raw)


def fitted(model: type[M], raw: dict[str, Any]) -> M:
    """The values as the model; raises InvalidArguments with one sentence per fault."""
    _check_text(raw)
    try:
        return model.model_validate(raw)
    except ValidationError as refused:
        faults = refused.errors(include_url=False, include_input=False)
        said = [_sentence(model, fault) for fault in faults[:MOST_FAULTS]]
        more = [f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else []
        broken = any(fault["type"] == HEADER_INJECTION for fault in faults)
        raise (HeaderInjection if broken else InvalidArguments)("; ".join([*said, *more]) + ".") from None


def plain(name: object) -> str:
    """A caller's own word, fit to be repeated: short, printable, ASCII."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in str(name)[:LONGEST_NAME])


def _check_text(raw: dict[str, Any]) -> None:
    """Refuse what no table or answer can hold, before it becomes somebody's 500: NUL, lone surrogates, NaN, bottomless nesting."""
    waiting: list[tuple[Any, int]] = [(raw, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            msg = f"The arguments are nested deeper than {DEEPEST} levels."
            raise InvalidArguments(msg)
        if _cannot_be_kept(value):
            msg = "A value holds a character or number that cannot be stored (NUL, half a surrogate pair, NaN, an integer above 2^53)."
            raise InvalidArguments(msg)
        inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
        waiting.extend((item, depth + 1) for item in inner)


def _cannot_be_kept(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return not abs(value) <= LARGEST
    return isinstance(value, str) and UNKEEPABLE.search(value) is not None


def _sentence(model: type[BaseModel], fault: ErrorDetails) -> str:
    path = [part for part in fault["loc"] if not (isinstance(part, str) and ("[" in part or "-" in part))]
    where = ".".join(plain(part) for part in path) or "arguments"
    if fault["type"] == "extra_forbidden":
        known = ", ".join(_known(model, path[:-1]))
        return f"'{where}' is not a known argument" + (f" (known: {known})" if known else "")
    return f"'{where}' {_words(fault)}"


def _words(fault: ErrorDetails) -> str:
    context = fault.get("ctx", {})
    if fault["type"] == "union_tag_invalid":
        return f"should be one of {context.get('expected_tags')}"
    if fault["type"] == "value_error" and "reason" in context:
        return "is not a valid e-mail address"
    said = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return OURS.get(fault["type"], said[:1].lower() + said[1:])


def _known(model: type[BaseModel] | None, path: list[int | str]) -> list[str]:
    """The argument names that are known at this place, as the wire spells them."""
    for part in path:
        if isinstance(part, int) or model is None:
            continue
        field = next((f for name, f in model.model_fields.items() if part in {name, f.alias}), None)
        model = _model_in(field.annotation) if field else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
