"""What the house declares, gathered when this is imported: before any test can put a registry of its own in its place."""

from __future__ import annotations

from typing import Any

from kernel.operation import REGISTRY, Operation
from processes.premises import prepare
from surfaces.mcp import tool

prepare()
OPERATIONS: dict[str, Operation] = dict(sorted(REGISTRY.items()))


def wire(operation: Operation) -> dict[str, Any]:
    """The tool exactly as `tools/list` shows it."""
    shown: dict[str, Any] = tool(operation).model_dump(mode="json", by_alias=True, exclude_none=True)
    return shown
