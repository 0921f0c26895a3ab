"""Our cookies: the open approval link and that it was decided here (30 minutes, for /a), the browser that asked for a code, the portal session."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from crm.access.codes import CODE_LASTS
from crm.access.sessions import SESSION_LASTS
from kernel.settings import Settings
from surfaces.portal.visit import Visit

LINK_SECONDS = 30 * 60


@dataclass(frozen=True, slots=True)
class Cookie:
    """One of our cookies."""

    plain_name: str
    path: str
    seconds: int

    def name(self, settings: Settings) -> str:
        """Its name; over https the prefix makes browsers refuse it from an insecure origin."""
        return f"__Secure-{self.plain_name}" if _secure(settings) else self.plain_name

    def read(self, visit: Visit) -> str:
        """What the browser sent, or nothing."""
        return visit.request.cookies.get(self.name(visit.settings), "")

    def give(self, answer: Response, settings: Settings, token: str) -> None:
        """Put it on an answer."""
        self._set(answer, settings, token, self.seconds)

    def take(self, answer: Response, settings: Settings) -> None:
        """Take it back."""
        self._set(answer, settings, "", 0)

    def _set(self, answer: Response, settings: Settings, token: str, seconds: int) -> None:
        answer.set_cookie(self.name(settings), token, seconds, path=self.path, secure=_secure(settings), httponly=True, samesite="lax")


def _secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


LINK = Cookie("sayso_link", "/a", LINK_SECONDS)
DECIDED = Cookie("sayso_decided", "/a", LINK_SECONDS)
"""That the code was typed in this browser; what was approved with it may be stopped with it."""
LIST = Cookie("sayso_list", "/a", LINK_SECONDS)
"""The open letter about several requests, beside the one of them that is being read."""
SESSION = Cookie("sayso_session", "/portal", int(SESSION_LASTS.total_seconds()))
ASKED = Cookie("sayso_asked", "/portal/sign-in", int(CODE_LASTS.total_seconds()))
"""That this browser asked for a code: the code is good nowhere else."""
