"""JSON Schema as an independent validator reads it."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]  # its stubs are a package of their own


def check_schema(schema: dict[str, Any]) -> None:
    """Raise unless this is a schema of JSON Schema 2020-12, the dialect of MCP and OpenAPI 3.1."""
    jsonschema.Draft202012Validator.check_schema(schema)


def insist_fits(value: Any, schema: dict[str, Any]) -> None:
    """Raise unless the value fits."""
    jsonschema.Draft202012Validator(schema).validate(value)
