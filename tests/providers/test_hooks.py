"""Our own webhooks: signed as others verify them, and sent to public places alone, whatever a name says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kernel import clock
from providers import hooks
from providers.hooks import checked, is_public, post, signed
from providers.transport import HostRefused, NotSent

NAME = "hook.example"
ADDRESS = f"https://{NAME}/in?a=1"
LOOPBACK = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"
OLD, NEW = ("whsec_" + base64.b64encode(bytes([seed]) * 24).decode() for seed in (1, 2))


def test_the_signature_is_the_one_that_others_verify() -> None:
    """With the example that the Standard Webhooks libraries publish."""
    secret, message, at, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    moment = datetime.fromtimestamp(at, UTC)
    assert signed([secret], message, moment, body) == {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": signature}
    assert signed([secret], message, moment, body + b" ")["webhook-signature"] != signature, "the control"


def test_both_secrets_sign_while_one_replaces_the_other() -> None:
    at = clock.now()
    both = signed([NEW, OLD], "msg_1", at, b"{}")["webhook-signature"].split(" ")
    assert both == [signed([secret], "msg_1", at, b"{}")["webhook-signature"] for secret in (NEW, OLD)]
    content = f"msg_1.{int(at.timestamp())}.{{}}".encode()
    assert both[1] == "v1," + base64.b64encode(hmac.new(bytes([1]) * 24, content, hashlib.sha256).digest()).decode()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", OLD.removeprefix("whsec_"), "whsec_no base64 at all, but long enough", "whsec_é"])
def test_what_is_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="a secret reads whsec_"):
        signed([secret], "msg_1", clock.now(), b"{}")


INSIDE = [
    "0.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:0a00:0001::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "100.128.0.1", "192.167.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2003::1"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


def test_python_alone_would_let_some_of_them_pass() -> None:
    """The control: why the list is longer than `is_global`."""
    assert {address for address in INSIDE if ip_address(address).is_global} >= {"224.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "fec0::1"}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://hook.example/",
        "ftp://hook.example/",
        "//hook.example/",
        "hook.example",
        "https:///in",
        "https://hook.example:8443/",
        "https://hook.example:80/",
        "https://user:pass@hook.example/",
        "https://user@hook.example/",
        "https://hook.example/#part",
        "https://hook.example:99999/",
        "https://[::1/",
        "javascript:alert(1)",
    ],
)
def test_only_plain_https_addresses_are_taken(address: str) -> None:
    with pytest.raises(HostRefused):
        checked(address)


@pytest.mark.parametrize("address", [ADDRESS, "https://hook.example", "https://hook.example:443/x", "HTTPS://HOOK.example/"])
def test_plain_https_addresses_are_taken(address: str) -> None:
    assert checked(address).host == NAME


@pytest.mark.parametrize("inside", [["127.0.0.1"], ["::1"], ["1.1.1.1", "10.0.0.1"], ["169.254.169.254"]])
def test_a_name_with_any_address_inside_is_not_called(inside: Sequence[str]) -> None:
    with pytest.raises(HostRefused, match="not public"):
        post(ADDRESS, b"{}", {}, lambda _name: inside)


@pytest.mark.parametrize("host", ["localhost", "localhost.", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"])
def test_however_it_is_written_the_machine_itself_is_not_called(host: str) -> None:
    with pytest.raises((HostRefused, NotSent)) as refused:
        post(f"https://{host}/", b"{}", {})
    assert isinstance(refused.value, HostRefused) or refused.value.reason == "The name is not known."


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a..b", "x" * 80])
def test_an_unknown_name_is_not_sent_to(name: str) -> None:
    with pytest.raises(NotSent, match="not known"):
        post(f"https://{name}/", b"{}", {})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME alone, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(clock.now() - timedelta(days=1)).not_valid_after(clock.now() + timedelta(days=1))
    signed_one = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + signed_one.public_bytes(serialization.Encoding.PEM))
    return file


@contextmanager
def receiver(certificate: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes = OK) -> Iterator[list[bytes]]:
    """Somebody who receives, on this machine, which here counts as public; what came is kept."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    came: list[bytes] = []

    def run() -> None:
        raw, _ = listener.accept()
        try:
            with context.wrap_socket(raw, server_side=True) as talk:
                while not came or not came[0].endswith(b"{}"):
                    came[:] = [b"".join([*came, talk.recv(65_536)])]
                talk.sendall(answer)
        except OSError:
            raw.close()

    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(hooks.ssl, "create_default_context", lambda: trusting)
    with socket.create_server((LOOPBACK, 0)) as listener:
        monkeypatch.setattr(hooks, "PORT", listener.getsockname()[1])
        monkeypatch.setattr(hooks, "is_public", lambda address: address.startswith("127."))
        thread = Thread(target=run, daemon=True)
        thread.start()
        yield came
        thread.join(5)


def test_it_is_posted_to_the_address_that_was_checked_and_proves_the_name(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(name: str) -> list[str]:
        asked.append(name)
        return [LOOPBACK]

    with receiver(certificate, monkeypatch) as came:
        answer = post(ADDRESS, b"{}", signed([OLD], "msg_1", clock.now(), b"{}"), resolve)
    assert (answer.status, answer.body, asked) == (200, b"ok", [NAME])
    (whole,) = came
    assert whole.startswith(b"POST /in?a=1 HTTP/1.1\r\n")
    head = whole.lower()
    assert b"\r\nhost: hook.example\r\n" in head
    assert head.count(b"\r\nhost:") == 1
    assert b"\r\nwebhook-id: msg_1\r\n" in head


def test_who_cannot_prove_the_name_gets_nothing(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(certificate, monkeypatch) as came, pytest.raises(NotSent):
        post("https://other.example/in", b"{}", {}, lambda _name: [LOOPBACK])
    assert came == []


def test_a_redirect_is_not_followed(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(certificate, monkeypatch, MOVED):
        assert post(ADDRESS, b"{}", {}, lambda _name: [LOOPBACK]).status == 302


def test_the_next_address_is_tried_when_one_does_not_answer(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(certificate, monkeypatch) as came:
        assert post(ADDRESS, b"{}", {}, lambda _name: ["127.0.0.2", LOOPBACK]).status == 200
    assert len(came) == 1
