"""A lock on a file, held by whoever has its descriptor open."""

import fcntl
import os
import time
from pathlib import Path

PAUSE = 0.02


class Lock:
    """Free again when the last process that inherited it is gone, however it went."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        """The open file to hand down to a child that must hold the lock too."""
        if self._descriptor is None:
            message = f"{self.path} is not locked"
            raise RuntimeError(message)
        return self._descriptor

    def take(self, patience: float = 0) -> bool:
        """Try for `patience` seconds; say whether it is ours now."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience
        while not _grab(descriptor):
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return False
            time.sleep(PAUSE)
        self._descriptor = descriptor
        return True

    def drop(self) -> None:
        """Close our end; a child that inherited it keeps holding it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _grab(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
