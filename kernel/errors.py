"""Every refusal has a stable code, an HTTP status, a sentence and a next step; rooms add leaves to this tree.

SaysoError
├── InvalidArguments      422  the caller's arguments do not fit
│   └── HeaderInjection        a word could end a header's line
├── AuthRequired          401  no credential
│   └── KeyRefused        401  a wrong or revoked one
├── Forbidden             403  a credential that may not do this
│   └── ScopeMissing      403
├── NotFound              404  not there, or not yours (the answer is the same)
├── Conflict              409  the world is not as the caller thought
│   └── IdempotencyConflict    same key, other arguments
├── TooLarge              413
├── RateLimited           429
└── Unavailable           503  ours to mend; the caller may retry
"""

from __future__ import annotations

from typing import Any, ClassVar


class SaysoError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    next_step: ClassVar[str] = "Read the message, change the request and try again."
    keeps: ClassVar[bool] = False
    """True: what the transaction wrote (counters, audit) is committed before the refusal is answered."""

    def __init__(self, sentence: str | None = None, *, next_step: str | None = None, **data: Any) -> None:
        self.sentence = sentence or (self.__doc__ or "").strip().splitlines()[0]
        self.advice = next_step or self.next_step
        self.data = data
        super().__init__(f"[{self.code}] {self.sentence}")

    def body(self) -> dict[str, Any]:
        """The refusal as data: `code`, `message`, `nextStep`, and `details` when there are any."""
        shown: dict[str, Any] = {"code": self.code, "message": self.sentence, "nextStep": self.advice}
        return {**shown, "details": self.data} if self.data else shown


class InvalidArguments(SaysoError):
    """The arguments do not fit this operation."""

    code = "invalid_arguments"
    status = 422
    next_step = "Correct the arguments named above and call again; nothing was written."


class HeaderInjection(InvalidArguments):
    """A word that stands in the header of a letter holds a line break, as it is or encoded."""

    code = "header_injection"
    next_step = "Give one line of plain text: no line breaks, no %0d or %0a, no =?utf-8?…; nothing was written."


class AuthRequired(SaysoError):
    """This needs an API key."""

    code = "auth_required"
    status = 401
    next_step = "Send 'Authorization: Bearer sayso_mcp_…'."


class KeyRefused(AuthRequired):
    """This API key is unknown or has been revoked."""

    code = "key_refused"
    next_step = "Ask an owner of the workspace for a new key."


class Forbidden(SaysoError):
    """This credential may not do that."""

    code = "forbidden"
    status = 403
    next_step = "Ask a person of the workspace to do it in the portal."


class ScopeMissing(Forbidden):
    """This key lacks the scope the operation needs."""

    code = "scope_missing"
    next_step = "Ask an owner of the workspace for a key with this scope."


class NotFound(SaysoError):
    """There is no such thing in this workspace."""

    code = "not_found"
    status = 404
    next_step = "Check the id; list the items to find the right one."


class Conflict(SaysoError):
    """The current state does not allow this."""

    code = "conflict"
    status = 409
    next_step = "Read the current state and decide again."


class IdempotencyConflict(Conflict):
    """This idempotencyKey was used before with other arguments."""

    code = "idempotency_conflict"
    next_step = "Reuse a key only to repeat the same call; take a new key for a new action."


class TooLarge(SaysoError):
    """The request is larger than this server reads."""

    code = "too_large"
    status = 413
    next_step = "Send less at once."


class RateLimited(SaysoError):
    """Too many requests."""

    code = "rate_limited"
    status = 429
    next_step = "Wait a minute and try again."


class Unavailable(SaysoError):
    """Sayso cannot answer this now."""

    code = "unavailable"
    status = 503
    next_step = "Try again in a few seconds; nothing was lost."
