"""What a form says: which verdict over which bytes, and why; the same fields by link and in the portal."""

from __future__ import annotations

from uuid import UUID

from approvals.votes import Decision, Verdict, Via
from outbox.scrutiny import visible
from surfaces.portal.refusals import NoReason, NoVerdict, StaleForm
from surfaces.portal.visit import Visit

VERDICTS: dict[str, Verdict] = {"approved": "approved", "rejected": "rejected"}
LONGEST_REASON = 500


def decision_of(visit: Visit, approval: UUID, via: Via) -> Decision:
    """The decision that this form asks for. Raises NoVerdict, StaleForm."""
    verdict = VERDICTS.get(visit.form.get("verdict", ""))
    if verdict is None:
        raise NoVerdict
    return Decision(approval, digest_in(visit), verdict, via, visit.origin, _reason(visit) if verdict == "rejected" else None)


def digest_in(visit: Visit, field: str = "digest") -> bytes:
    """A digest that the form carries: of what was shown, or of what that became. Raises StaleForm."""
    try:
        return bytes.fromhex(visit.form.get(field, ""))
    except ValueError:
        raise StaleForm from None


def _reason(visit: Visit) -> str | None:
    """The reason as one harmless text: hidden characters spelled out, for an agent will read it."""
    return visible(visit.form.get("reason", "").strip()[:LONGEST_REASON]) or None


def reason_of(visit: Visit) -> str:
    """The reason that must be given. Raises NoReason."""
    reason = _reason(visit)
    if reason is None:
        raise NoReason
    return reason
