"""The sandbox's files: one durable, private JSON file for each message, so that every process sees what was "sent"."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter

from kernel import clock
from outbox.content import Medium
from outbox.dispatch import Booked, Dispatch

NOTHING_LEFT = "sandbox: nothing left this machine"
FOLDER = "sandbox"
OBJECTS = "objects"
BOOKS = "books"
LINE = TypeAdapter(Booked)


class SandboxMessage(BaseModel):
    """One message that the sandbox kept."""

    ref: str
    reference: str
    moment: datetime
    channel: Medium
    kind: str
    sender: str
    recipient: str
    content: dict[str, Any]
    note: str = NOTHING_LEFT

    @property
    def subject(self) -> str | None:
        """The subject line, when the kind has one."""
        subject = self.content.get("subject")
        return None if subject is None else str(subject)

    @property
    def body(self) -> str:
        """The text."""
        return str(self.content.get("body", ""))


def ref_of(dispatch: Dispatch) -> str:
    """The sandbox's own id of a message: one attempt, one id, whenever its reference was signed."""
    return f"SB{hashlib.sha256(f'{dispatch.intent.hex}.{dispatch.attempt}'.encode()).hexdigest()[:32]}"


def path_of(data_dir: Path, dispatch: Dispatch) -> Path:
    """Where the message is kept."""
    return data_dir / FOLDER / dispatch.channel / f"{ref_of(dispatch)}.json"


def keep(data_dir: Path, dispatch: Dispatch) -> bool:
    """Write the message, durably and whole; False when this attempt was kept before, which then stays as it is."""
    return _keep(path_of(data_dir, dispatch), _message(dispatch).model_dump_json(indent=2).encode())


def keep_line(data_dir: Path, line: Booked) -> bool:
    """Write a line of the till's books, as durably; the first one with its id stays."""
    return _keep(data_dir / FOLDER / BOOKS / f"{line.ref}.json", LINE.dump_json(line, indent=2))


def read_lines(data_dir: Path) -> list[Booked]:
    """The till's books, oldest first."""
    kept = [LINE.validate_json(path.read_bytes()) for path in (data_dir / FOLDER / BOOKS).glob("*.json")]
    return sorted(kept, key=lambda line: (line.at, line.ref))


def _keep(path: Path, data: bytes) -> bool:
    _private(path.parent.parent)
    _private(path.parent)
    draft = path.with_name(f".{path.stem}-{uuid4().hex}")
    _write(draft, data)
    try:
        # A link, not a rename: it fails when the name is taken, so two processes cannot both be the first.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync(path.parent)
    return True


def read(data_dir: Path) -> list[SandboxMessage]:
    """Everything the sandbox kept, oldest first."""
    kept = [SandboxMessage.model_validate_json(path.read_bytes()) for path in (data_dir / FOLDER).glob("*/SB*.json")]
    return sorted(kept, key=lambda message: (message.moment, message.ref))


def keep_object(data_dir: Path, name: str, kept: dict[str, Any]) -> None:
    """Write what an object is now, durably and whole, in place of what it was."""
    folder = data_dir / FOLDER / OBJECTS
    _private(folder.parent)
    _private(folder)
    draft = folder / f".{name}-{uuid4().hex}"
    _write(draft, json.dumps(kept).encode())
    draft.replace(folder / f"{name}.json")
    _sync(folder)


def object_kept(data_dir: Path, name: str) -> dict[str, Any] | None:
    """What an object is now; None: nobody kept one."""
    path = data_dir / FOLDER / OBJECTS / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_bytes()) if path.exists() else None
    return found


def _message(dispatch: Dispatch) -> SandboxMessage:
    return SandboxMessage(
        ref=ref_of(dispatch),
        reference=dispatch.reference,
        moment=clock.now(),
        channel=dispatch.channel,
        kind=dispatch.content.kind,
        sender=dispatch.sender,
        recipient=dispatch.recipient,
        content=dispatch.content.frozen(),
    )


def _private(folder: Path) -> None:
    """A folder only we can open; its name is durable too."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(folder.parent)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in a folder durable (fsync(2): a file's own fsync does not)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
