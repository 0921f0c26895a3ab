"""SMTP: e-mail through any mail server, one conversation for each letter; the open alternative to SendGrid.

| what happened                                              | outcome                                              |
|------------------------------------------------------------|------------------------------------------------------|
| no connection, no TLS, or it broke before the final dot    | Later, our back-off: nothing was handed in           |
| it broke, or nothing came in time, from the dot on         | Unsure: nobody can know (RFC 1047)                   |
| 250 to the dot                                             | Accepted, under our Message-ID                       |
| 421 at any step                                            | Later, and the lane slows down                       |
| other 4xx at any step, after the dot too (RFC 5321 §4.2.1) | Later, our back-off                                  |
| 5xx to the greeting, STARTTLS, the sign-in or the sender,  | Later, the whole lane waits: it is the account       |
| and 530, 535 anywhere                                      |                                                      |
| other 5xx to recipient or letter, 552 to the sender        | Refused, with the server's code                      |
| anything else before the dot, or after it                  | Later, or Unsure                                     |
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from email_validator import EmailNotValidError, validate_email

from kernel import clock
from kernel.mail_servers import MailServer, mail_server
from kernel.settings import Channel, Settings
from outbox.dispatch import Accepted, Dispatch, Evidence, Later, NoWord, Outcome, Refused, Sought, Unsure
from providers import verdict
from providers.letters import Letter, letter_of
from providers.smtp_talk import Said, Talk

SERVES: tuple[Channel, ...] = ("email",)
CLOSING, TOO_LARGE = 421, 552
NOT_NOW, NEVER = 4, 5
"""The classes of refusals (RFC 5321 §4.2.1)."""
LOCKED_OUT = (530, 535)
ENHANCED = re.compile(r"[45]\.\d{1,3}\.\d{1,3}(?=\s|$)")
"""What RFC 3463 says more exactly than the code."""
NO_SUCH_PLACE = ("5.1.1", "5.1.2", "5.1.6", "5.1.10")
"""Of the recipient: no such mailbox, no such host, moved, takes no mail (RFC 3463 §3.2, RFC 7505)."""
SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""Any server passes it on unchanged."""
UNWRITABLE = Refused("This address has letters that the mail server may not know how to write; not sent.", "address")


class Smtp:
    """Serves the lane `email:smtp`."""

    name = "smtp"

    def __init__(self, server: MailServer, sender: str, seconds: float, context: ssl.SSLContext | None = None) -> None:
        """`seconds` bounds a whole conversation; `sender` is whom the probe asks about."""
        self._server = server
        self._sender = sender
        self._seconds = seconds
        self._context = context or ssl.create_default_context()

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Hand in the letter, once."""
        letter = letter_of(dispatch)
        if isinstance(letter, Refused):
            return letter
        recipient = _ascii(letter.recipient)
        if recipient is None:
            return UNWRITABLE
        message = _written(letter, recipient, dispatch.intent.hex)
        talk = self._talk()
        try:
            talk.open(self._context)
            words = talk.hand_in(_address(letter.sender), recipient, message)
        except Said as no:
            return _answered(no, is_dotted=talk.is_dotted)
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            talk.close()
            return _broken(fault, is_dotted=talk.is_dotted)
        finally:
            talk.leave()
        return Accepted(letter.headers["Message-ID"].strip("<>"), verdict.plain(words.decode("utf-8", "replace")))

    def look_up(self, sought: Sought) -> Evidence:  # noqa: ARG002 - the contract's, and nothing here can answer it
        """After the final dot nothing can be known but from the server's own log."""
        return NoWord("A mail server cannot be asked about one letter; its own log can.")

    def probe(self) -> str | None:
        """Sign in and name the sender, with no recipient and no letter."""
        talk = self._talk()
        try:
            talk.open(self._context)
            talk.offer(_address(self._sender))
        except Said as no:
            return _sentence(no)
        except (OSError, smtplib.SMTPException, ValueError) as fault:
            return f"No connection to the mail server could be made ({type(fault).__name__})."
        finally:
            talk.leave()
        return None

    def close(self) -> None:
        """Nothing stays open between letters."""

    def _talk(self) -> Talk:
        return Talk(self._server, clock.monotonic() + self._seconds)


def connect(settings: Settings) -> Smtp:
    """The mail server that the settings name; opens nothing yet."""
    return Smtp(mail_server(settings.smtp_url.get_secret_value()), settings.smtp_from, settings.call_seconds)


def _written(letter: Letter, recipient: str, boundary: str) -> bytes:
    """The letter's bytes (RFC 5322, MIME). Headers of ours are ASCII, and stay in one piece however long."""
    name, address = parseaddr(letter.sender)
    message = EmailMessage(SEVEN_BITS)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message.set_boundary(f"=_{boundary}")
    ours = "".join(f"{name}: {words}\r\n" for name, words in letter.headers.items())
    return ours.encode("ascii") + message.as_bytes()


def _address(sender: str) -> str:
    return parseaddr(sender)[1]


def _ascii(address: str) -> str | None:
    """An address as every server writes it; None when its own part cannot be."""
    try:
        return validate_email(address, check_deliverability=False).ascii_email
    except EmailNotValidError:
        return None


def _answered(no: Said, *, is_dotted: bool) -> Outcome:
    sentence = _sentence(no)
    if no.code == CLOSING:
        return Later(sentence, crowded=True)
    if no.code // 100 == NOT_NOW:
        return Later(sentence)
    if no.code // 100 == NEVER:
        return Later(sentence, lane_fault=True) if _is_the_account(no) else _refused(no, sentence)
    return Unsure(sentence) if is_dotted else Later(sentence)


def _refused(no: Said, sentence: str) -> Refused:
    found = ENHANCED.match(no.words.decode("ascii", "replace"))
    code = found[0] if found else str(no.code)
    return Refused(sentence, code, "provider" if no.step == "recipient" and code in NO_SUCH_PLACE else "")


def _is_the_account(no: Said) -> bool:
    """Whether it would be answered to every letter of ours."""
    return no.code in LOCKED_OUT or no.step in ("greeting", "secrecy", "sign-in") or (no.step == "sender" and no.code != TOO_LARGE)


def _broken(fault: Exception, *, is_dotted: bool) -> Later | Unsure:
    """By the name of the fault only: its words may hold an address."""
    if is_dotted:
        return Unsure(f"The mail server had the whole letter, and its answer did not come ({type(fault).__name__}).")
    return Later(f"The mail server could not be spoken to, and has no letter ({type(fault).__name__}).", unreached=True)


def _sentence(no: Said) -> str:
    words = verdict.plain(no.words.decode("utf-8", "replace"))
    if no.code < 0:
        return f"The mail server answered the {no.step} with what is no answer."
    return f"The mail server answered {no.code} to the {no.step}{f': {words}' if words else '.'}"
