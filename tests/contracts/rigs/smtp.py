"""How the suite makes a mail server meet each case: by a stub that breaks at the step it is told."""

from __future__ import annotations

from pathlib import Path

from typing_extensions import override

from kernel.mail_servers import MailServer
from outbox.dispatch import Dispatch
from providers.smtp import Smtp
from tests.contracts.cases import HURRIED_S, PATIENT_S, RECIPIENTS, SECRET, SILENT, Case, Rig
from tests.fixtures.dispatches import SENDERS, dispatch_to
from tests.fixtures.stub_mail import StubMail

MEETS: dict[Case, tuple[str, str] | None] = {
    "accept": None,
    "400": ("rcpt", "550 5.1.1 no such user"),
    "later": ("rcpt", "450 4.2.0 greylisted"),
    "401": ("auth", f"535 5.7.8 not with {SECRET}"),
    "403": ("mail", "550 5.7.1 this sender is not yours"),
    "hang": ("dot", "hang"),
    "accept_then_hang": ("kept", "hang"),
    "drip": ("kept", "drip"),
    "reset": ("dot", "close"),
    "accept_then_reset": ("kept", "close"),
    "html": ("kept", "hello"),
    "refused connection": None,
}


class SmtpRig(Rig):
    """A mail server of its own, which the installation signs in to."""

    names_by_intent = True

    def __init__(self) -> None:
        self.stub = StubMail(user="desk", password=SECRET).__enter__()
        self._nobody = 1
        self._asked: dict[str, str] = {}
        self.provider = self._made(self.stub.port, PATIENT_S)

    @override
    def arrange(self, case: Case) -> Dispatch:
        """Script the stub; for a refused connection, call where nobody listens."""
        seconds = HURRIED_S if case in SILENT else PATIENT_S
        self.provider = self._made(self._nobody if case == "refused connection" else self.stub.port, seconds)
        if told := MEETS[case]:
            self.stub.tell(*told)
        made = dispatch_to("email", RECIPIENTS["email"])
        self._asked[made.intent.hex] = made.reference
        return made

    @override
    def arrived(self) -> list[str]:
        """The references of the letters that were kept, by their Message-IDs."""
        return [self._asked[kept.message["Message-ID"].strip("<>").partition("@")[0]] for kept in self.stub.letters]

    @override
    def close(self) -> None:
        """The server too."""
        super().close()
        self.stub.__exit__()

    def _made(self, port: int, seconds: float) -> Smtp:
        return Smtp(MailServer("127.0.0.1", port, "none", "desk", SECRET), SENDERS["email"], seconds)


def rig(_place: Path) -> Rig:
    """SMTP."""
    return SmtpRig()
