"""The mail server and its sender as the settings take them: said at start, and never with the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.mail_servers import MailServer, mail_server
from kernel.settings import SettingsRefused, load
from outbox.accounts import Account, default_account
from providers.smtp import connect
from tests.fixtures.settings import settings_for

SENDER = "Salon <desk@salon.example>"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587, "starttls")),
        ("smtp://desk%40salon.example:p%3Aw%2F@mail.example:2525", MailServer("mail.example", 2525, "starttls", "desk@salon.example", "p:w/")),
        ("smtps://u:p@mail.example/", MailServer("mail.example", 465, "tls", "u", "p")),
        ("smtps://localhost", MailServer("localhost", 465, "tls")),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, "none")),
        ("smtp://[::1]", MailServer("::1", 25, "none")),
        ("smtp://127.0.0.1.evil.example", MailServer("127.0.0.1.evil.example", 587, "starttls")),
        ("smtp://localhost.evil.example", MailServer("localhost.evil.example", 587, "starttls")),
        ("smtp://10.0.0.1", MailServer("10.0.0.1", 587, "starttls")),
    ],
)
def test_a_server_is_spoken_to_in_the_open_only_on_this_machine(url: str, server: MailServer) -> None:
    assert mail_server(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://u:secret@mail.example:port", "smtp://u:secret@[x", "smtp://u:secret@h?tls=no"]
)
def test_what_names_no_server_is_refused_at_start_without_its_password(url: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load(SAYSO_EMAIL="smtp", SMTP_URL=url, SMTP_FROM=SENDER)
    assert "SMTP_URL must be" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("sender", ["Salon", "desk@", "a@salon.example, b@salon.example", "Salon <desk@salon.example>\r\nBcc: x"])
def test_what_is_no_one_sender_is_refused_at_start(sender: str) -> None:
    with pytest.raises(SettingsRefused, match="SMTP_FROM must be"):
        load(SAYSO_EMAIL="smtp", SMTP_URL="smtp://mail.example", SMTP_FROM=sender)


def test_both_must_be_set_when_smtp_is_chosen() -> None:
    with pytest.raises(SettingsRefused, match=r"SMTP_URL is empty.*SMTP_FROM is empty"):
        load(SAYSO_EMAIL="smtp")


def test_letters_leave_by_the_lane_and_sender_of_the_settings(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, email="smtp", smtp_url="smtp://u:hush-hush@127.0.0.1:1", smtp_from=SENDER)
    assert default_account(settings, "email") == Account("email:smtp", SENDER)
    provider = connect(settings)
    assert "hush-hush" not in repr(settings) + repr(provider) + repr(provider._server)
