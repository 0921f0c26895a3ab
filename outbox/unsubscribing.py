"""The address by which whoever gets a letter of many says that it was the last (RFC 8058): signed, so that it speaks for one address alone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from kernel.seal import sign, verify

PURPOSE = "unsubscribe"
LONGEST = 2 * 366 * 24 * 3600
"""Seconds for which a letter's own link is obeyed; people unsubscribe from old letters too."""
PATH = "/u/"


def unsubscribe_url(base_url: str, secrets: Sequence[bytes], workspace: UUID, address: str) -> str:
    """Where this address takes itself off the letters of this business."""
    return f"{base_url}{PATH}{sign(secrets, PURPOSE, f'{workspace.hex}.{address}')}"


def unsubscriber(secrets: Sequence[bytes], token: str) -> tuple[UUID, str] | None:
    """The business and the address that a link speaks for, or None."""
    value = verify(secrets, PURPOSE, token, LONGEST)
    if value is None:
        return None
    workspace, _, address = value.partition(".")
    return UUID(hex=workspace), address
