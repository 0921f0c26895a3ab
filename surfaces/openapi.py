"""The OpenAPI 3.1 document, generated from the registry: one POST for each operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kernel.operation import Operation
from kernel.schema import hints, tidy, with_replayed
from kernel.settings import version
from surfaces.intake import PROBLEM

REFUSALS = {
    "400": "The body is not JSON.",
    "401": "No key, or a wrong one.",
    "403": "The key lacks the scope.",
    "404": "No such thing in this workspace.",
    "409": "The current state does not allow it, or the idempotencyKey was used for something else.",
    "413": "The body is too large.",
    "415": "The body is not declared as JSON.",
    "422": "The arguments do not fit.",
    "429": "Too many requests.",
    "500": "Unexpected error, with a reference.",
    "503": "Cannot answer now; try again.",
}
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["code", "message", "nextStep"],
    "properties": {
        "code": {"type": "string", "description": "Stable; branch on this."},
        "message": {"type": "string"},
        "nextStep": {"type": "string", "description": "What to do now."},
        "details": {"type": "object"},
    },
}
Mode = Literal["validation", "serialization"]
Models = Mapping[Any, dict[str, Any]]


def document(base_url: str, shown: Sequence[Operation]) -> dict[str, Any]:
    """The whole document."""
    wanted: list[tuple[type[BaseModel], Mode]] = [(o.asked, "validation") for o in shown] + [(o.answer, "serialization") for o in shown]
    models, defined = models_json_schema(list(dict.fromkeys(wanted)), ref_template="#/components/schemas/{model}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sayso", "version": version(), "description": "Agents ask. People decide. Workers deliver, once."},
        "servers": [{"url": base_url}],
        "paths": {f"/api/{operation.name}": {"post": _operation(operation, models)} for operation in shown},
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "sayso_mcp_…"}},
            "schemas": {**tidy(defined).get("$defs", {}), "Problem": PROBLEM_SCHEMA},
            "responses": {f"Refused{status}": _refused(sentence) for status, sentence in REFUSALS.items()},
        },
    }


def _operation(operation: Operation, models: Models) -> dict[str, Any]:
    answer: dict[str, Any] = models[(operation.answer, "serialization")]
    if operation.takes_key:
        answer = {"allOf": [answer, with_replayed(operation, {"type": "object"})]}
    return {
        "operationId": operation.name,
        "summary": operation.title,
        "description": operation.summary,
        "tags": [operation.scope],
        "security": [] if operation.is_public else [{"key": []}],
        "x-sayso-hints": hints(operation),
        "requestBody": {"required": bool(_required(operation)), "content": _body(operation, models)},
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
            **{status: {"$ref": f"#/components/responses/Refused{status}"} for status in REFUSALS},
        },
    }


def _body(operation: Operation, models: Models) -> dict[str, Any]:
    shown: dict[str, Any] = {"schema": models[(operation.asked, "validation")]}
    return {"application/json": {**shown, "example": operation.example} if operation.example else shown}


def _required(operation: Operation) -> list[str]:
    return [name for name, field in operation.asked.model_fields.items() if field.is_required()]


def _refused(sentence: str) -> dict[str, Any]:
    return {"description": sentence, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
