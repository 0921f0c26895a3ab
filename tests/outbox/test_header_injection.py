"""No word of a header ends its line: refused with a code of its own when it is asked for, whichever way it is written."""

from __future__ import annotations

import pytest

from kernel.errors import HeaderInjection
from outbox.content import one_line
from tests.factories import Desk

BREAKING = [
    "Hi\r\nBcc: eve@evil.example",
    "Hi\nBcc: eve@evil.example",
    "Hi\rBcc: eve@evil.example",
    "Hi\u2028Bcc: eve@evil.example",
    "Hi\u2029there",
    "Hi\u0085there",
    "Hi\x0bthere",
    "Hi\x0cthere",
    "Hi%0d%0aBcc: eve@evil.example",
    "Hi%0ABcc: eve@evil.example",
    "Hi%C2%85there",
    "Hi%e2%80%a8there",
    "=?utf-8?q?Hi=0D=0ABcc:_eve@evil.example?=",
    "=?UTF-8?B?SGkNCkJjYzogZXZlQGV2aWwuZXhhbXBsZQ==?=",
    "Hi =?iso-8859-1*en?Q?=0a?=",
]
PLAIN = ["100 % off", "50%off today", "5%20", "What?=yes", "=?", "Größe 10%", "a=?b?c", "100%"]


@pytest.mark.parametrize("words", BREAKING)
def test_a_subject_that_breaks_its_line_is_refused_by_name_when_asked_for(desk: Desk, words: str) -> None:
    with pytest.raises(HeaderInjection) as refused:
        desk.run("send_email", to="mia@example.com", subject=words, body="Thank you.")
    assert refused.value.code == "header_injection"
    assert "'subject'" in str(refused.value)
    assert "evil" not in str(refused.value)


@pytest.mark.parametrize("words", BREAKING[:1] + BREAKING[8:9] + BREAKING[12:13])
def test_every_other_word_of_a_header_is_refused_too(desk: Desk, words: str) -> None:
    letter = {"channel": "email", "subject": words, "body": "Hello"}
    asked = [
        ("send_message", {"to": "mia@example.com", **letter}),
        ("send_campaign", {"name": "Spring", "everybody": True, **letter}),
        ("send_campaign", {**letter, "name": words, "subject": "Fine", "everybody": True}),
        ("send_test_campaign", {"name": "Spring", "to": "mia@example.com", **letter}),
        ("create_campaign", {"name": "Spring", "everybody": True, **letter}),
    ]
    for operation, arguments in asked:
        with pytest.raises(HeaderInjection):
            desk.run(operation, **arguments)


@pytest.mark.parametrize("words", PLAIN)
def test_plain_words_pass(words: str) -> None:
    assert one_line(words) == words
