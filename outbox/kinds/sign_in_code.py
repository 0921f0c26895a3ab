"""Sign-in code: the letter with the code that lets one of our own people into the portal; it leaves before everything else."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import OnUnknown, kind
from outbox.kinds.notice import Notice


@kind
class SignInCode(Notice):
    """A letter with a code; a second one of the same bytes does no harm, so it may be sent again."""

    kind: ClassVar[str] = "sign_in_code"
    on_unknown: ClassVar[OnUnknown] = "resend"
    priority: ClassVar[int] = 0
