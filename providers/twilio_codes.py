"""Twilio's error codes in sentences for people, and what the codes of a refused request mean for a retry.

Source: Twilio's error dictionary (twilio.com/docs/api/errors). Twilio says new codes may come: an unknown one is permanent
and shown as it is, never retried by itself.
"""

from __future__ import annotations

CREDENTIALS = frozenset({"20003"})
"""The account, not the message: the lane waits."""
CROWDED = frozenset({"20429", "21611", "60728", "63017", "63018", "63038"})
"""Twilio created no message and asks for patience of the account or the sender: the lane slows down."""
OF_ONE = frozenset({"14107"})
"""The same, but of messages to this one number: nobody else's wait for it."""
OPTED_OUT = frozenset({"21610", "63014"})
"""The person does not want this sender's messages: nothing more goes there."""

SENTENCES = {
    "14107": "Too many messages went to this number within half a minute.",
    "20003": "Twilio does not accept the account's credentials.",
    "20429": "Twilio has too many requests from this account at once.",
    "21211": "This is not a phone number that can receive messages.",
    "21212": "The sender's number is not valid.",
    "21214": "This phone number cannot be reached.",
    "21217": "This phone number is not valid.",
    "21408": "The account may not send to this country.",
    "21602": "The message has no text.",
    "21603": "No sender was given.",
    "21604": "No recipient was given.",
    "21606": "The sender's number does not belong to this account, or cannot send this.",
    "21608": "A trial account can only send to numbers it has verified.",
    "21610": "This person has opted out: they answered STOP to this sender.",
    "21611": "The sender's queue is full.",
    "21612": "Twilio has no route from this sender to this number.",
    "21614": "This number cannot receive text messages.",
    "21617": "The text is longer than 1600 characters.",
    "21620": "The media address is not valid.",
    "21656": "The template's variables do not fit it.",
    "21660": "The sender and the account do not belong together.",
    "21703": "The messaging service has no sender.",
    "30001": "Twilio's queue overflowed after it took the message.",
    "30002": "The account was suspended after Twilio took the message.",
    "30003": "The phone could not be reached: it is off or out of range.",
    "30004": "The carrier or the person blocks this message.",
    "30005": "The number is not known to its carrier, or no longer in service.",
    "30006": "The number is a landline or its carrier cannot be reached.",
    "30007": "The carrier filtered the message as unwanted.",
    "30008": "The carrier did not say why it was not delivered.",
    "30022": "The sender went over its carrier's rate.",
    "30023": "The sender reached its carrier's limit for today.",
    "30032": "The toll-free sender is not verified.",
    "30034": "The sender is not registered with the carriers (A2P 10DLC).",
    "30610": "It is the recipient's quiet time, so the message was not sent.",
    "60728": "The account sent as many messages as it may in an hour.",
    "63003": "This number has no WhatsApp.",
    "63013": "WhatsApp found the message against its rules.",
    "63014": "This person blocked the sender on WhatsApp.",
    "63016": "WhatsApp's 24 hours since the person last wrote are over: only an approved template can be sent.",
    "63017": "The account sends faster than it may.",
    "63018": "WhatsApp's rate limit for this sender was reached.",
    "63021": "WhatsApp does not accept this content.",
    "63024": "This number cannot receive WhatsApp messages.",
    "63038": "The account sent as many messages as it may in a day.",
    "63049": "WhatsApp held this marketing message back.",
    "63051": "The WhatsApp account is locked.",
    "63062": "The WhatsApp account has not accepted the current terms.",
}


def explained(code: str) -> str:
    """A sentence for a code; an unknown code is named."""
    return SENTENCES.get(code) or (f"Twilio refused it with code {code}." if code else "Twilio refused it and gave no reason.")
