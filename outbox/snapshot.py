"""The frozen form of what will be sent: canonical JSON (RFC 8785) and its SHA-256; nothing is ever rendered after this."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.keys import digest_of
from outbox.content import KINDS, Content

VERSION = 1
WRITE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode
"""RFC 8785 for what a snapshot is made of: texts, whole numbers, truths and lists under plain names. A kind of other stuff fails a test."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything an approval covers: whose, what, from whom, to whom, and when it may leave."""

    workspace: UUID
    sender: str
    content: Content
    not_before: datetime | None = None
    expires_at: datetime | None = None

    def canonical(self) -> bytes:
        """The canonical bytes."""
        return WRITE(
            {
                "v": VERSION,
                "workspace": str(self.workspace),
                "kind": self.content.kind,
                "channel": self.content.channel,
                "sender": self.sender,
                "recipient": self.content.recipient,
                "content": self.content.frozen(),
                "notBefore": self.not_before.isoformat() if self.not_before else None,
                "expiresAt": self.expires_at.isoformat() if self.expires_at else None,
            },
        ).encode()

    @property
    def digest(self) -> bytes:
        """SHA-256 of the canonical bytes."""
        return digest_of(self.canonical())


def thaw(canonical: bytes) -> Snapshot:
    """Read canonical bytes back.

    Nothing is validated again: they were when they were frozen, and a rule that changed since must not change what was shown.
    """
    read: dict[str, Any] = json.loads(canonical)
    return Snapshot(
        workspace=UUID(read["workspace"]),
        sender=read["sender"],
        content=KINDS[read["kind"]].model_construct(**read["content"]),
        not_before=_moment(read["notBefore"]),
        expires_at=_moment(read["expiresAt"]),
    )


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
