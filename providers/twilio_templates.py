"""WhatsApp's templates at Twilio, read before one is sent: what a person approved must be what the template says (Content API, GET /v1/Content)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from kernel import clock
from outbox.dispatch import Later, Outcome, Refused
from providers import verdict
from providers.transport import REFUSAL, SUCCESS, Answer, NotSent, Transport, TransportError

API, CONTENT = "https://api.twilio.com", "https://content.twilio.com"
"""Two hosts of one provider; any other address (a proxy, a test) serves both."""
SECONDS = 3.0
"""A look takes at most so long, before a call of full length: a claim that began both late outlives its lease, and is in doubt until it ends."""
BELIEVED_S = 300.0
"""For so long what was read of a template is believed."""
CHANGED = "The template at Twilio says other words, or more, than those that were approved, so it was not sent."
UNKNOWN = "Twilio knows no such template in this account."


class Templates:
    """The templates of one account, as Twilio has them."""

    def __init__(self, api: str, headers: Mapping[str, str]) -> None:
        """Opens nothing yet."""
        base = CONTENT if api == API else api
        self._transport = Transport.within(base, SECONDS)
        self._url = f"{base}/v1/Content/"
        self._headers = headers
        self._read: dict[str, tuple[float, tuple[object, object]]] = {}

    def objection(self, content: Mapping[str, Any]) -> Outcome | None:
        """Why a message by this template is not sent, as its outcome; None when the template says the approved words in the approved language."""
        sid = content["content_sid"]
        known = self._read.get(sid)
        if known is None or known[0] <= clock.monotonic():
            try:
                answer = self._transport.get(f"{self._url}{sid}", self._headers)
            except TransportError as fault:
                return Later(f"Twilio's template could not be read: {fault.reason}", unreached=isinstance(fault, NotSent))
            if answer.category != SUCCESS:
                return _unread(answer)
            known = self._read[sid] = (clock.monotonic() + BELIEVED_S, _said(answer))
        if known[1] == (content["words"], content["language"]):
            return None
        self._read.pop(sid, None)
        return Refused(CHANGED, "template-changed")

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _said(answer: Answer) -> tuple[object, object]:
    """Its words and its language; a template that is more than words (buttons, pictures) has none that a person could have approved here."""
    read = answer.object
    types = read.get("types")
    text = types.get("twilio/text") if isinstance(types, dict) and len(types) == 1 else None
    return (text.get("body"), read.get("language")) if isinstance(text, dict) and set(text) == {"body"} else (None, None)


def _unread(answer: Answer) -> Outcome:
    """Nothing was sent, whatever the answer was."""
    if answer.status == HTTPStatus.NOT_FOUND:
        return Refused(UNKNOWN, "template-unknown")
    said = verdict.of_answer("Twilio", answer, "", f"Twilio does not show its template (HTTP {answer.status}).")
    return said if isinstance(said, Later) or answer.category == REFUSAL else Later(f"Twilio's template could not be read (HTTP {answer.status}).")
