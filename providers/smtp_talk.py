"""One conversation with a mail server (RFC 5321) until a deadline; it knows how far it came, and so whether a letter may have been taken."""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
from base64 import b64encode
from contextlib import suppress
from typing import Any, Literal

from typing_extensions import override

from kernel.mail_servers import MailServer
from providers.wire import TimedReads, left

Step = Literal["greeting", "secrecy", "sign-in", "sender", "recipient", "letter"]
OK, GO_ON, LET_IN, ASKS, NOT_OFFERED = 250, 354, 235, 334, 504
LINE_OF_A_DOT = re.compile(rb"(?m)^\.")


class Said(Exception):
    """The server answered a step with something else than yes: the code, and its own words."""

    def __init__(self, step: Step, code: int, words: bytes) -> None:
        self.step, self.code, self.words = step, code, words
        super().__init__(f"{code} to the {step}")


class Talk(smtplib.SMTP):
    """A conversation about one letter. Whatever breaks it raises OSError or smtplib's errors; a no raises Said."""

    is_dotted = False
    """Whether a byte of the final dot was handed over: from then on the server may have the letter (RFC 1047)."""

    def __init__(self, server: MailServer, by: float) -> None:
        """`by`: the monotonic second at which it ends, however far it came. Nothing is connected yet."""
        super().__init__(local_hostname="[127.0.0.1]")
        self._server = server
        self._by = by

    def open(self, context: ssl.SSLContext) -> None:
        """Connect, keep the way secret as the server's address says, and sign in."""
        self._host = self._server.host  # whose certificate smtplib's STARTTLS asks for
        self.sock = _connected(self._server, self._by)
        if self._server.secrecy == "tls":
            self.sock = context.wrap_socket(self._timed(), server_hostname=self._server.host)
        self._insist("greeting", self.getreply(), 220)
        self._greet()
        if self._server.secrecy == "starttls":
            self._hide(context)
        if self._server.user:
            self._sign_in()

    def hand_in(self, sender: str, recipient: str, message: bytes) -> bytes:
        """Hand in a letter; answers the server's words when it took it."""
        self.offer(sender, len(message))
        self._insist("recipient", self.rcpt(recipient))
        self._insist("letter", self.docmd("DATA"), GO_ON)
        self.send(LINE_OF_A_DOT.sub(b"..", message))  # ends with a line's end
        self.is_dotted = True
        self.send(b".\r\n")
        return self._insist("letter", self.getreply())

    def offer(self, sender: str, size: int = 0) -> None:
        """Say from whom a letter would be."""
        self._insist("sender", self.mail(sender, [f"SIZE={size}"] if size and self.has_extn("size") else []))

    def leave(self) -> None:
        """Say goodbye and close, waiting for nothing."""
        with suppress(OSError, smtplib.SMTPException):
            self.putcmd("QUIT")
        self.close()

    def _greet(self) -> None:
        try:
            self.ehlo_or_helo_if_needed()
        except smtplib.SMTPHeloError as no:
            raise Said("greeting", no.smtp_code, _bytes(no.smtp_error)) from None

    def _hide(self, context: ssl.SSLContext) -> None:
        """What came before is forgotten: the server says anew what it can."""
        self._insist("secrecy", self.docmd("STARTTLS") if self.has_extn("starttls") else (NOT_OFFERED, b"it offers no STARTTLS"), 220)
        self.sock = context.wrap_socket(self._timed(), server_hostname=self._server.host)
        self.file, self.helo_resp, self.ehlo_resp, self.esmtp_features, self.does_esmtp = None, None, None, {}, False
        self._greet()

    def _sign_in(self) -> None:
        """By PLAIN or LOGIN, which take any letters, over a way that is kept secret. A server may repeat what it was given: its words are not kept."""
        known = self.esmtp_features.get("auth", "").upper().split()
        user, password = self._server.user.encode(), self._server.password.encode()
        if "PLAIN" in known:
            reply = self.docmd("AUTH", f"PLAIN {_in_base64(b'', user, password)}")
        elif "LOGIN" in known:
            reply = self.docmd("AUTH", f"LOGIN {_in_base64(user)}")
            reply = self.docmd(_in_base64(password)) if reply[0] == ASKS else reply
        else:
            reply = NOT_OFFERED, b""
        if reply[0] != LET_IN:
            raise Said("sign-in", reply[0], b"")

    def _insist(self, step: Step, reply: tuple[int, bytes], code: int = OK) -> bytes:
        if reply[0] != code and not (code == OK and reply[0] == OK + 1):
            raise Said(step, *reply)
        return reply[1]

    def _timed(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        self.sock.settimeout(left(self._by))
        return self.sock

    @override
    def send(self, s: Any) -> None:
        """Within what is left of the time."""
        self._timed()
        super().send(s)

    @override
    def getreply(self) -> tuple[int, bytes]:
        """However slowly it drips, within what is left of the time."""
        if self.file is None:
            self.file = io.BufferedReader(TimedReads(self._timed(), lambda: left(self._by)))
        return super().getreply()


def _connected(server: MailServer, by: float) -> socket.socket:
    """Try each address that the name has; the letter's pieces are not held back for one another."""
    last = OSError("the name has no address")
    for *_, address in socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        try:
            sock = socket.create_connection((str(address[0]), server.port), left(by))
        except OSError as refused:
            last = refused
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    raise last


def _in_base64(*words: bytes) -> str:
    return b64encode(b"\0".join(words)).decode()


def _bytes(words: bytes | str) -> bytes:
    return words if isinstance(words, bytes) else words.encode("utf-8", "replace")
