"""Letters over SMTP: which step can break and what that says, whom it trusts, and what the letter holds."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kernel import clock
from kernel.mail_servers import MailServer
from outbox.dispatch import Accepted, Dispatch, Later, Outcome, Refused, Unsure
from outbox.kinds.email import Email
from providers.letter_html import plain_1
from providers.smtp import Smtp
from tests.contracts.rigs import sendgrid
from tests.fixtures.dispatches import SENDERS, TEXT, dispatch_to
from tests.fixtures.stub_mail import StubMail

SECONDS = 20.0
HURRIED_S = 0.3
CERTAIN = {
    ("greeting", "554 not you"): "lane",
    ("greeting", "421 too many connections"): "crowded",
    ("greeting", "close"): "unreached",
    ("greeting", "hello"): "later",
    ("ehlo", "502 what"): "lane",
    ("ehlo", "close"): "unreached",
    ("mail", "550 5.7.1 not your sender"): "lane",
    ("mail", "530 5.7.0 sign in first"): "lane",
    ("mail", "451 4.3.0 try later"): "later",
    ("mail", "552 5.3.4 too large"): "5.3.4",
    ("mail", "close"): "unreached",
    ("rcpt", "550 5.1.1 no such user"): "5.1.1",
    ("rcpt", "550 nobody"): "550",
    ("rcpt", "450 4.2.1 greylisted"): "later",
    ("rcpt", "421 4.7.0 slower"): "crowded",
    ("rcpt", "close"): "unreached",
    ("data", "554 5.6.0 no"): "5.6.0",
    ("data", "451 4.3.0 try later"): "later",
    ("data", "250 what"): "later",
    ("data", "close"): "unreached",
    ("dot", "554 5.7.1 spam"): "5.7.1",
    ("dot", "451 4.3.0 try later"): "later",
    ("dot", "421 4.3.2 closing"): "crowded",
}
"""What a break says while the server surely has no letter."""
DOUBTFUL = [
    ("body", "close"),
    ("dot", "close"),
    ("dot", "hang"),
    ("kept", "close"),
    ("kept", "hang"),
    ("kept", "drip"),
    ("kept", "hello"),
    ("kept", "354 go on"),
]


@pytest.fixture
def stub() -> Iterator[StubMail]:
    with StubMail() as running:
        yield running


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's own certificate, and who trusts it."""
    place = tmp_path_factory.mktemp("tls") / "stub.pem"
    place.write_bytes(_certificate())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(place)
    return server, ssl.create_default_context(cafile=str(place))


def _certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(clock.now() - timedelta(days=1)).not_valid_after(clock.now() + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    hidden = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return hidden + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _smtp(stub: StubMail, seconds: float = SECONDS) -> Smtp:
    return Smtp(MailServer("127.0.0.1", stub.port, "none"), SENDERS["email"], seconds)


def _letter(**words: object) -> Dispatch:
    """A letter, by its words; not validated, as what was frozen is not either."""
    made = dispatch_to("email", "ada@salon.example")
    content = Email.model_construct(**{**made.content.frozen(), **words})
    return replace(made, content=content, recipient=content.to)


def _said(outcome: Outcome) -> str:
    match outcome:
        case Later():
            kinds = {"lane": outcome.lane_fault, "crowded": outcome.crowded, "unreached": outcome.unreached}
            return next((name for name, so in kinds.items() if so), "later")
        case Refused():
            return outcome.code
    return type(outcome).__name__


@pytest.mark.parametrize(("step", "answer"), CERTAIN)
def test_nothing_is_in_doubt_when_it_breaks_while_the_server_has_no_letter(stub: StubMail, step: str, answer: str) -> None:
    stub.tell(step, answer)
    assert (_said(_smtp(stub).perform(_letter())), stub.letters) == (CERTAIN[step, answer], [])
    assert isinstance(_smtp(stub).perform(_letter()), Accepted)


@pytest.mark.parametrize(("step", "answer"), DOUBTFUL)
def test_it_is_in_doubt_when_it_breaks_after_the_dot(stub: StubMail, step: str, answer: str) -> None:
    stub.tell(step, answer)
    outcome = _smtp(stub, HURRIED_S if answer in ("hang", "drip") else SECONDS).perform(_letter())
    assert isinstance(outcome, Unsure)
    assert len(stub.letters) == (step == "kept")


def test_nothing_is_in_doubt_when_it_breaks_before_the_dot_could_be_handed_over(stub: StubMail) -> None:
    stub.tell("body", "close")
    outcome = _smtp(stub).perform(_letter(body="More than the system takes in for a server that does not read.\n" * 300_000))
    assert (_said(outcome), stub.letters) == ("unreached", [])


@pytest.mark.parametrize("step", ["greeting", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_a_server_that_does_not_come_to_an_end_is_left_in_time(stub: StubMail, step: str, answer: str) -> None:
    stub.tell(step, answer)
    started = clock.monotonic()
    assert _said(_smtp(stub, HURRIED_S).perform(_letter())) == "unreached"
    assert clock.monotonic() - started < SECONDS / 4


def test_nothing_is_told_a_server_that_offers_no_secrecy_when_it_is_not_this_machine(stub: StubMail) -> None:
    server = MailServer("127.0.0.1", stub.port, "starttls", "desk", "a password")
    assert _said(Smtp(server, SENDERS["email"], SECONDS).perform(_letter())) == "lane"
    assert stub.letters == []
    assert {line.split()[0].upper() for line in stub.heard} <= {"EHLO", "QUIT"}
    assert isinstance(_smtp(stub).perform(_letter()), Accepted)  # as it would without the rule


@pytest.mark.parametrize("at_once", [False, True])
def test_a_letter_goes_in_secret_to_a_server_that_proves_its_name_alone(trusted: tuple[ssl.SSLContext, ssl.SSLContext], *, at_once: bool) -> None:
    own, trusting = trusted
    secrecy = "tls" if at_once else "starttls"
    with StubMail(own, at_once=at_once, user="desk", password="pass: wörd") as stub:
        server = MailServer("localhost", stub.port, secrecy, "desk", "pass: wörd")
        assert isinstance(Smtp(server, SENDERS["email"], SECONDS, trusting).perform(_letter()), Accepted)
        for stranger in (Smtp(server, SENDERS["email"], SECONDS), Smtp(replace(server, host="127.0.0.1"), SENDERS["email"], SECONDS, trusting)):
            stub.heard.clear()
            assert _said(stranger.perform(_letter())) == "unreached"
            assert "AUTH" not in stub.heard
        assert len(stub.letters) == 1


def test_the_probe_signs_in_and_names_the_sender_and_hands_in_nothing() -> None:
    with StubMail(user="desk", password="right") as stub:
        stub.ways = "LOGIN"
        right, wrong = (Smtp(MailServer("127.0.0.1", stub.port, "none", "desk", word), SENDERS["email"], SECONDS) for word in ("right", "wrong-password"))
        assert right.probe() is None
        told = wrong.probe()
        assert told == "The mail server answered 535 to the sign-in."
        stub.tell("mail", "550 5.7.1 not your sender")
        assert right.probe() == "The mail server answered 550 to the sender: 5.7.1 not your sender"
        assert stub.letters == []
    assert right.probe() == "No connection to the mail server could be made (ConnectionRefusedError)."


def test_every_attempt_of_an_intent_is_the_same_letter_to_a_mailbox(stub: StubMail) -> None:
    one = _letter()
    first, again, other = (_smtp(stub).perform(each) for each in (one, replace(one, attempt=2, reference="r.2"), _letter()))
    named = f"<{one.intent.hex}@salon.example>"
    assert [kept.message["Message-ID"] for kept in stub.letters[:2]] == [named, named]
    assert first == Accepted(named.strip("<>"), "2.0.0 Ok: queued as Q1")
    assert isinstance(again, Accepted)
    assert isinstance(other, Accepted)
    assert again.ref == named.strip("<>") != other.ref


def test_the_letter_holds_what_was_frozen_when_its_words_are_awkward(stub: StubMail) -> None:
    body = "Grüße\n.\n..dots\n\nA line of " + "very " * 300 + "many words\nQUIT\n\u2764"
    unsubscribe = f"https://salon.example/u/{'x' * 300}"
    _smtp(stub).perform(_letter(subject="Später, “Ada”: " + "ü" * 180, body=body, unsubscribe=unsubscribe))
    [kept] = stub.letters
    letter = kept.message
    assert (kept.sender, kept.recipient, letter["From"], letter["To"]) == ("desk@salon.example", "ada@salon.example", SENDERS["email"], "ada@salon.example")
    assert letter["Subject"] == "Später, “Ada”: " + "ü" * 180
    text = letter.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n").rstrip("\n") == body
    shown = letter.get_body(("html",))
    assert shown is not None
    assert shown.get_content().replace("\r\n", "\n") == plain_1(body)
    assert f"List-Unsubscribe: <{unsubscribe}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode() in kept.raw
    assert kept.raw.isascii()
    assert max(map(len, kept.raw.split(b"\r\n"))) <= 998
    assert b"\n" not in kept.raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("words", ["a\r\nBcc: eve@evil.example", "a\nBcc: eve@evil.example", "a\rb", "a\u2028b", "a\u0085b", "a\0b"])
@pytest.mark.parametrize("name", ["subject", "unsubscribe", "to"])
def test_no_header_is_added_when_what_was_frozen_holds_a_line_break(stub: StubMail, tmp_path: Path, name: str, words: str) -> None:
    broken = _letter(**{name: f"https://salon.example/{words}" if name == "unsubscribe" else words})
    assert _said(_smtp(stub).perform(broken)) == "header_injection"
    rig = sendgrid.rig(tmp_path)
    assert _said(rig.provider.perform(broken)) == "header_injection"
    assert (stub.letters, stub.heard, rig.arrived()) == ([], [], [])
    rig.close()


def test_a_letter_in_a_form_that_nobody_knows_here_is_refused_undialled(stub: StubMail, tmp_path: Path) -> None:
    rig = sendgrid.rig(tmp_path)
    for form in ("plain-2", "", None):
        assert _said(_smtp(stub).perform(_letter(form=form))) == "unknown_form"
        assert _said(rig.provider.perform(_letter(form=form))) == "unknown_form"
    assert (stub.letters, stub.heard, rig.arrived()) == ([], [], [])
    assert isinstance(rig.provider.perform(_letter(form="plain-1")), Accepted)
    rig.close()


@pytest.mark.parametrize("sender", ["Salon\r\nBcc: eve@evil.example <desk@salon.example>", "Salon <desk@salon.example>\nX: y"])
def test_no_header_is_added_when_the_sender_holds_a_line_break(stub: StubMail, sender: str) -> None:
    assert _said(_smtp(stub).perform(replace(_letter(), sender=sender))) == "header_injection"
    assert stub.heard == []


def test_an_address_is_written_as_any_server_reads_it_or_refused(stub: StubMail) -> None:
    assert isinstance(_smtp(stub).perform(_letter(to="ada@bücher.example")), Accepted)
    assert stub.letters[0].recipient == "ada@xn--bcher-kva.example"
    assert _said(_smtp(stub).perform(_letter(to="grün@salon.example"))) == "address"
    long = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.example"
    assert isinstance(_smtp(stub).perform(_letter(to=long)), Accepted)
    assert (stub.letters[1].recipient, stub.letters[1].message["To"]) == (long, long)
    assert TEXT.encode()[:20] in stub.letters[1].raw
