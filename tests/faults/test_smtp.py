"""Letters over SMTP while the server breaks and workers die, before, at and after the dot: nobody twice, and in doubt only what may be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from outbox.states import SETTLED
from tests.faults.conftest import Grounds
from tests.fixtures.stage import Stage
from tests.fixtures.stub_mail import StubMail
from tests.fixtures.waiting import until

BEFORE = [("greeting", "close"), ("mail", "close"), ("rcpt", "close"), ("rcpt", "450 4.2.0 greylisted"), ("data", "close"), ("dot", "451 4.3.0 try later")]
AFTER = [("dot", "close"), ("dot", "hang"), ("kept", "close"), ("kept", "hang"), ("kept", "drip")]
MANY = 12


@pytest.fixture
def mail() -> Iterator[StubMail]:
    with StubMail(user="desk", password="p:w") as running:
        yield running


@pytest.fixture
def posted(grounds: Grounds, mail: StubMail) -> Iterator[Stage]:
    """A stage whose letters leave by the mail server."""
    url = f"smtp://desk:p%3Aw@127.0.0.1:{mail.port}"
    with grounds.stage(SAYSO_EMAIL="smtp", SMTP_URL=url, SMTP_FROM="Studio Ola <studio@example.com>") as stage:
        yield stage


def _kept(mail: StubMail) -> Counter[str]:
    """How often the server kept each letter, by the intent that its Message-ID names."""
    named = [str(kept.message["Message-ID"]).strip("<>").partition("@")[0] for kept in mail.letters if "olivia" not in kept.recipient]
    return Counter(f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}" for one in named)


def test_each_letter_arrives_once_or_is_in_doubt_when_the_server_breaks(posted: Stage, mail: StubMail) -> None:
    intents = posted.approve(len(BEFORE) + len(AFTER), "email")
    posted.hush()
    wanted = dict(zip(intents, [*BEFORE, *AFTER], strict=True))
    for number, told in enumerate(wanted.values()):
        mail.tell(*told, to=None if told in BEFORE[:2] else f"guest{number}@example.com")
    posted.start("clock")
    posted.start("worker")
    posted.settle(40)
    states = posted.states()
    assert {told: states[intent] for intent, told in wanted.items()} == {**dict.fromkeys(BEFORE, "sent"), **dict.fromkeys(AFTER, "in_doubt")}
    assert _kept(mail) == Counter(intent for intent, told in wanted.items() if told in BEFORE or told[0] == "kept")


@pytest.mark.parametrize("step", ["data", "dot", "kept"])
def test_nobody_gets_a_letter_twice_when_a_worker_dies_before_at_or_after_the_dot(posted: Stage, mail: StubMail, step: str) -> None:
    intents = posted.approve(MANY, "email")
    posted.hush()
    mail.tell(step, "hang", to="guest3@example.com")
    posted.start("clock")
    victim = posted.start("worker", SAYSO_CALL_SECONDS="2")
    until(lambda: len(_kept(mail)) >= (MANY if step == "kept" else MANY - 1), 20, "the others did not arrive")
    victim.kill()
    posted.start("worker")
    posted.settle(30)
    stood, found = posted.states(), _kept(mail)
    doubts = [intent for intent in intents if stood[intent] == "in_doubt"]
    assert max(found.values()) == 1
    assert 1 <= len(doubts) <= 4
    assert {stood[intent] for intent in intents} <= {"sent", "in_doubt"}
    assert {intent for intent in intents if stood[intent] == "sent"} <= set(found)
    assert not [intent for intent in intents if stood[intent] in SETTLED - {"sent"}]


def test_no_password_is_logged_when_the_server_repeats_it(posted: Stage, mail: StubMail) -> None:
    posted.approve(1, "email")
    posted.hush()
    mail.password = "another"
    posted.start("clock")
    posted.start("worker")
    until(lambda: posted.execute("SELECT 1 FROM lane WHERE id = 'email:smtp' AND breaker_until > now()"), 15, "the lane does not rest")
    kept = str(posted.execute("SELECT breaker_reason FROM lane WHERE id = 'email:smtp'")) + str(posted.execute("SELECT reason FROM attempt"))
    assert "535 to the sign-in" in kept
    assert "p:w" not in kept + posted.words()
