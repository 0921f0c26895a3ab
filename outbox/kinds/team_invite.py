"""Team invite: the letter to somebody whom an owner wishes to have in the team, and the one with the code that proves who reads it."""

from __future__ import annotations

from typing import ClassVar

from outbox.content import kind
from outbox.kinds.notice import Notice


@kind
class TeamInvite(Notice):
    """A letter with the way in, after an owner has confirmed the invitation."""

    kind: ClassVar[str] = "team_invite"


@kind
class InviteCode(Notice):
    """A letter with the code that accepts an invitation; it leaves before everything else."""

    kind: ClassVar[str] = "invite_code"
    priority: ClassVar[int] = 0
