"""What we send fits the providers' published OpenAPI descriptions (twilio-oai 2.6.7; sendgrid-oai of January 2026)."""

from __future__ import annotations

from pathlib import Path

import pytest

from outbox.dispatch import Accepted
from providers.letter_html import plain_1
from tests.contracts.rigs import sendgrid, twilio
from tests.fixtures.dispatches import SENDERS, TEXT, dispatch_to

TWILIO_PATH = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
TWILIO_FIELDS = {"To", "From", "Body", "StatusCallback"}
"""Of `CreateMessage`: `To` is required, `From` and `Body` are what makes it a text; nothing else may slip in."""
SENDGRID_FIELDS = {"personalizations", "from", "subject", "content", "custom_args", "headers", "tracking_settings"}
"""Of `PostMailSend`: the first two are required, the next two make it a letter without a template."""


@pytest.mark.parametrize(("channel", "prefix"), [("sms", ""), ("whatsapp", "whatsapp:")])
def test_twilio_form_fits_when_sent(tmp_path: Path, channel: str, prefix: str) -> None:
    rig = twilio.rig(tmp_path)
    dispatch = dispatch_to("sms" if channel == "sms" else "whatsapp", "+447400123456")
    assert isinstance(rig.provider.perform(dispatch), Accepted)
    [entry] = rig.stub.entries()
    rig.close()
    assert (entry.path, entry.authorization, set(entry.fields)) == (TWILIO_PATH, "basic", TWILIO_FIELDS)
    assert (entry.recipient, entry.sender) == (f"{prefix}+447400123456", f"{prefix}{SENDERS['sms']}")
    assert (entry.text, entry.fields["StatusCallback"]) == (TEXT, dispatch.callback_url)


def test_sendgrid_letter_fits_when_sent(tmp_path: Path) -> None:
    rig = sendgrid.rig(tmp_path)
    dispatch = dispatch_to("email", "ada@salon.example")
    assert isinstance(rig.provider.perform(dispatch), Accepted)
    [entry] = rig.stub.entries()
    rig.close()
    letter = entry.fields
    assert (entry.path, entry.authorization, set(letter)) == ("/v3/mail/send", "bearer", SENDGRID_FIELDS)
    assert letter["personalizations"] == [{"to": [{"email": "ada@salon.example"}]}]
    assert letter["from"] == {"name": "Salon", "email": "desk@salon.example"}
    assert letter["content"] == [{"type": "text/plain", "value": TEXT}, {"type": "text/html", "value": plain_1(TEXT)}]
    assert letter["custom_args"] == {"ref": dispatch.reference}
    assert letter["headers"] == {"Message-ID": f"<{dispatch.intent.hex}@salon.example>"}
    assert letter["tracking_settings"]["click_tracking"] == {"enable": False, "enable_text": False}
