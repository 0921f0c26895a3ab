"""Registration code: the letter with the code that founds a business, to somebody whom nobody here knows yet; it leaves before everything else."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import kind
from outbox.kinds.notice import Notice


@kind
class RegistrationCode(Notice):
    """A letter with a code, or with the way in for somebody who owns a business here already."""

    kind: ClassVar[str] = "registration_code"
    priority: ClassVar[int] = 0
