"""Sign-in code: the letter with the code that lets one of our own people into the portal; it leaves before everything else."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import kind
from outbox.kinds.notice import Notice


@kind
class SignInCode(Notice):
    """A letter with a code."""

    kind: ClassVar[str] = "sign_in_code"
    priority: ClassVar[int] = 0
