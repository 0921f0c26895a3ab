"""Twilio: SMS and WhatsApp through its own SDK over our transport, and its signed status callbacks.

Its Messages API has no idempotency key (twilio.com/docs/api/errors/20500), so nothing here repeats a call; our reference travels in
the StatusCallback address and comes back with every status.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from typing_extensions import override
from urllib3 import make_headers

from kernel import clock
from kernel.settings import Channel, Settings
from outbox.dispatch import (
    Accepted,
    Dispatch,
    Event,
    Evidence,
    ForgedWebhook,
    Inbound,
    Later,
    MalformedWebhook,
    MessageEvent,
    Outcome,
    Refused,
    Sought,
    Status,
    StatusEvent,
)
from providers import twilio_list, verdict
from providers.proof import Webhooks, expect, header, insist, token, words_of
from providers.transport import REFUSAL, SUCCESS, Answer, NotAccepted, Transport, TransportError
from providers.twilio_codes import CREDENTIALS, CROWDED, OF_ONE, OPTED_OUT, explained
from providers.twilio_templates import Templates

SERVES: tuple[Channel, ...] = ("sms", "whatsapp")
SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
CODE = re.compile(r"[0-9]{0,6}")
MOST_PARAMETERS = 200
ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
PREFIX = "whatsapp:"
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST_BODY = 4096
AS_DIALLED = ((re.compile(r"\+521([0-9]{10})"), r"+52\1"), (re.compile(r"\+55([1-9]{2})([6-9][0-9]{7})"), r"+55\g<1>9\2"))
"""WhatsApp names some mobiles as they were dialled once: those of Mexico with a 1 more, those of Brazil without their 9."""
STATUSES: dict[str, Status] = {
    **dict.fromkeys(("queued", "accepted", "sending", "sent"), "sent"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("failed", "undelivered", "canceled"), "undelivered"),
}


class _Seam(HttpClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's HTTP client, over our transport."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(None, is_async=False)
        self._transport = transport

    @override
    def request(self, method: str, uri: str, *_: Any, **given: Any) -> Response:
        """POST the form once; only the sid and status of a created message go back into the SDK, so nothing else can break it."""
        signed = {**(given.get("headers") or {}), **make_headers(basic_auth=":".join(given["auth"]))}
        answer = self._transport.post(uri, urlencode(given["data"]).encode(), signed)
        created = {name: str(answer.object.get(name) or "") for name in ("sid", "status")}
        if answer.category != SUCCESS or not SID.fullmatch(created["sid"]):
            raise NotAccepted(answer)
        return Response(answer.status, json.dumps(created))


class Twilio:
    """Serves the lanes `sms:twilio` and `whatsapp:twilio`."""

    name = "twilio"

    def __init__(self, settings: Settings, transport: Transport) -> None:
        """One client for all threads; the environment's own Twilio variables have no say in where it calls."""
        self._transport = transport
        secret = settings.twilio_auth_token.get_secret_value()
        self._client = Client(settings.twilio_account_sid, secret, http_client=_Seam(transport), environment={"TWILIO_EDGE": ""})
        self._client.api.base_url = settings.twilio_api_base
        self._account_url = f"{settings.twilio_api_base}/2010-04-01/Accounts/{settings.twilio_account_sid}"
        self._headers = make_headers(basic_auth=f"{settings.twilio_account_sid}:{secret}")
        self._templates = Templates(settings.twilio_api_base, self._headers)

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Create the message, once; one by a template only while that says at Twilio what was approved."""
        frozen = dispatch.content.frozen()
        objection = self._templates.objection(frozen) if "content_sid" in frozen else None
        if objection:
            return objection
        try:
            message = self._client.messages.create(**_asked(dispatch))
        except TransportError as fault:
            return verdict.of_fault(fault)
        except NotAccepted as refused:
            return _verdict(refused.answer)
        return Accepted(message.sid, message.status or "accepted")

    def look_up(self, sought: Sought) -> Evidence:
        """Read Twilio's own list of messages."""
        return twilio_list.look_up(self._transport, self._account_url, self._headers, sought)

    def probe(self) -> str | None:
        """Fetch the account itself."""
        return verdict.of_probe("Twilio", self._transport, f"{self._account_url}.json", self._headers)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()
        self._templates.close()


def connect(settings: Settings) -> Twilio:
    """Twilio as the settings describe it; opens nothing yet."""
    return Twilio(settings, Transport.within(settings.twilio_api_base, settings.call_seconds))


def _asked(dispatch: Dispatch) -> dict[str, str]:
    """The arguments of the SDK's `messages.create`; WhatsApp's addresses are phones with a prefix."""
    prefix = "whatsapp:" if dispatch.channel == "whatsapp" else ""
    sender = f"{prefix}{dispatch.sender.removeprefix('whatsapp:')}"
    frozen = dispatch.content.frozen()
    said = ("content_sid", "content_variables") if "content_sid" in frozen else ("body",)
    return {"to": f"{prefix}{dispatch.recipient}", "from_": sender, "status_callback": dispatch.callback_url, **{name: frozen[name] for name in said}}


def _verdict(answer: Answer) -> Outcome:
    """Its code decides for a refused request, else the HTTP status."""
    said = str(answer.object.get("code") or "")
    code = said if CODE.fullmatch(said) else ""
    refused = answer.category == REFUSAL
    if refused and code in CREDENTIALS:
        return Later(explained(code), lane_fault=True)
    if refused and code in CROWDED | OF_ONE:
        return Later(explained(code), after=verdict.asked_to_wait(answer.headers), crowded=code not in OF_ONE)
    outcome = verdict.of_answer("Twilio", answer, code, explained(code))
    return replace(outcome, silences="customer") if isinstance(outcome, Refused) and code in OPTED_OUT else outcome


def _signed_form(inbound: Inbound, settings: Settings) -> dict[str, str]:
    """The parameters, signed over the public address and every one of them, blank ones too (twilio.com/docs/usage/security)."""
    secret = settings.twilio_auth_token.get_secret_value()
    insist(secret, "no auth token is configured, so nothing can be verified")
    signature = header(inbound, "x-twilio-signature")
    form = _form(inbound)
    insist(_is_signed(secret, inbound.url, form, signature), "the signature does not fit")
    return form


def named(inbound: Inbound) -> str | None:
    """The AccountSid of the form: it says with whose token to verify, and the signature covers it."""
    try:
        said = _form(inbound).get("AccountSid", "")
    except (ForgedWebhook, MalformedWebhook):
        return None
    return said if ACCOUNT.fullmatch(said) else None


def receive_message(inbound: Inbound, settings: Settings) -> list[Event]:
    """A customer's message (twilio.com/docs/messaging/guides/webhook-request); one from no phone is nobody's to answer."""
    form = _signed_form(inbound, settings)
    sid, sender, to = (form.get(name, "") for name in ("MessageSid", "From", "To"))
    expect(SID.fullmatch(sid) and sender and to, "it names no message, or not between whom")
    channel: Channel = "whatsapp" if sender.startswith(PREFIX) else "sms"
    ends = (_dialled(sender.removeprefix(PREFIX)), to.removeprefix(PREFIX))
    if not PHONE.fullmatch(ends[0]):
        return []
    media = form.get("NumMedia", "")
    many = int(media) if CODE.fullmatch(media) and media else 0
    return [MessageEvent(f"in:{sid}", "twilio", sid, channel, *ends, form.get("Body", "").replace("\0", "")[:LONGEST_BODY], clock.now().timestamp(), many)]


def _dialled(phone: str) -> str:
    """A number as a customer's is kept: what they write, a stop above all, must find them."""
    return next((old.sub(new, phone) for old, new in AS_DIALLED if old.fullmatch(phone)), phone)


def receive_status(inbound: Inbound, settings: Settings) -> list[Event]:
    """A status callback."""
    form = _signed_form(inbound, settings)
    sid, status, code = (form.get(name, "") for name in ("MessageSid", "MessageStatus", "ErrorCode"))
    expect(SID.fullmatch(sid) and status and CODE.fullmatch(code), "it names no message or no status")
    if status not in STATUSES:
        return []
    reason = explained(code) if STATUSES[status] == "undelivered" else ""
    asked = dict(parse_qsl(urlsplit(inbound.url).query))
    said = StatusEvent(f"{sid}:{status}:{code}", STATUSES[status], token(asked.get("ref")), sid, reason)
    return [replace(said, silences="customer") if reason and code in OPTED_OUT else said]


def _form(inbound: Inbound) -> dict[str, str]:
    """The parameters. Only a form will do: for a JSON body the SDK would verify the address and leave the body unchecked."""
    expect(inbound.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"), "it is not a form")
    try:
        form = dict(parse_qsl(words_of(inbound.body), keep_blank_values=True, max_num_fields=MOST_PARAMETERS))
    except ValueError:
        form = {}
    expect(form, "it has no parameters")
    return form


def _is_signed(secret: str, url: str, form: dict[str, str], signature: str) -> bool:
    """Always by HMAC-SHA1 under the auth token: a header must not choose the algorithm."""
    try:
        return bool(RequestValidator(secret).validate(url, form, signature))
    except ValueError:
        return False


WEBHOOKS: Webhooks = {"twilio/status": receive_status, "twilio/inbound": receive_message}
