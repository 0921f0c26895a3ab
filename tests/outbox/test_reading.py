"""Reading with suspicion: hidden characters are told and shown, emoji are left whole, links show their real host."""

from __future__ import annotations

import pytest

from outbox.reading import hosts_in, visible, warnings_about


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("See you at 3 pm 👩‍👩‍👧 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f ❤️‍🔥", 0),
        ("a\u202eb", 1),
        ("a\u200bb", 1),
        ("a\u2063b", 1),
        ("a\u3164b", 1),
        ("a\U000e0041b", 1),
        ("a\u202e\u200bb", 2),
        ("https://p\u0430ypal.example/x", 1),
        ("x" * 1001, 1),
        ("line\nline\ttab", 0),
    ],
)
def test_what_a_reader_would_overlook_is_said(text: str, warnings: int) -> None:
    assert len(warnings_about(text)) == warnings


def test_hidden_characters_are_spelled_out() -> None:
    assert visible("a\u202eb\u3164👩‍👧") == "a⟦U+202E⟧b⟦U+3164⟧👩‍👧"


def test_hosts_are_those_the_network_would_ask() -> None:
    assert hosts_in("https://good.example@evil.example/a http://BÜCHER.example https://good.example@evil.example/b") == [
        "evil.example",
        "xn--bcher-kva.example",
    ]


@pytest.mark.parametrize(
    ("text", "hosts", "warned"),
    [
        ("http://evil.example\\@paypal.example/", ["evil.example"], True),
        ("https:evil.example/x", ["evil.example"], False),
        ("https:\\\\evil.example", ["evil.example"], True),
        ("https://paypal.example@evil.example", ["evil.example"], True),
        ("go to evil.example/login now", ["evil.example"], False),
        ("www.evil.example", ["www.evil.example"], False),
        ("write to mia@example.com or see you.Thanks", [], False),
        ("https://[::1/", ["an unreadable host"], False),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(text: str, hosts: list[str], warned: bool) -> None:
    assert hosts_in(text) == hosts
    assert any("hides where it leads" in warning for warning in warnings_about(text)) is warned
