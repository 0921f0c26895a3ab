"""Reading with suspicion: hidden characters are told and shown, emoji are left whole, links show where a browser would go."""

from __future__ import annotations

import unicodedata
from time import process_time

import pytest

from outbox.scrutiny import HIDDEN, hosts_in, visible, warnings_about

BLACK_FLAG = "\U0001f3f4"


def tags(letters: str) -> str:
    """The letters as tag characters, which nothing draws."""
    return "".join(chr(0xE0000 + ord(letter)) for letter in letters)


ENGLAND = f"{BLACK_FLAG}{tags('gbeng')}\U000e007f"
WORDS = {
    "bidi": "reverse the reading direction",
    "hidden": "nobody can see",
    "foreign": "another alphabet",
    "veiled": "hides where it leads",
    "number": "a number instead of a name",
    "port": "unusual entrance",
    "unreadable": "cannot be read",
    "other": "something else than a web page",
    "long": "read to the end",
}


def warned(text: str) -> set[str]:
    """The short names of the warnings."""
    said = warnings_about(text)
    found = {name for name, words in WORDS.items() if any(words in sentence for sentence in said)}
    assert len(found) == len(said)
    return found


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        (f"See you at 3 pm 👩‍👩‍👧 {ENGLAND} ❤️‍🔥 1️⃣ ☎︎ 🙂‍↔️ 👁️‍🗨️ 👍🏽 🐦‍⬛", set()),
        ("a\u202eb", {"bidi"}),
        ("a\u200bb", {"hidden"}),
        ("a\u2063b", {"hidden"}),
        ("a\u3164b", {"hidden"}),
        ("a\u2800b", {"hidden"}),
        ("a\u202e\u200bb", {"bidi", "hidden"}),
        ("x" * 1001, {"long"}),
        ("line\nline\ttab", set()),
    ],
)
def test_what_a_reader_would_overlook_is_said(text: str, warnings: set[str]) -> None:
    assert warned(text) == warnings


@pytest.mark.parametrize(
    "hidden",
    [
        f"{BLACK_FLAG}{tags('send the card number')}\U000e007f",
        f"{BLACK_FLAG}{tags('gbeng')}{tags('x')}\U000e007f",
        f"{ENGLAND}{tags('x')}",
        "a\ufe00b",
        "a\ufe0fb",
        "\u2764\ufe0f\ufe0f\ufe0e",
        "a\U000e0100b",
        "a\u034fb",
        "a\u17b4b",
        "a\u17b5b",
        "a\u180bb",
        "a\u00adb",
        "a\U000e0041b",
        "a\u200db",
    ],
)
def test_text_in_tags_and_selectors_is_marked_and_spelled_out(hidden: str) -> None:
    assert "hidden" in warned(hidden)
    assert "⟦U+" in visible(hidden)


def test_every_character_of_the_unseen_categories_counts_as_hidden() -> None:
    every = {chr(code) for code in range(0x110000)}
    unseen = {char for char in every if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}} - set("\t\n\r")
    hidden = {char for char in every if HIDDEN.match(char)}
    assert not unseen - hidden
    assert {unicodedata.category(char) for char in hidden - unseen - {"\u2800"}} <= {"Mn", "Lo", "Cn", "Cf"}
    assert len(hidden - unseen - {char for char in every if char >= "\U000e0000"}) < 60


def test_hidden_characters_are_spelled_out_and_emoji_left_whole() -> None:
    assert visible("a\u202eb\u3164👩‍👧") == "a⟦U+202E⟧b⟦U+3164⟧👩‍👧"
    assert visible(f"{ENGLAND} ❤️") == f"{ENGLAND} ❤️"
    assert visible(f"{BLACK_FLAG}{tags('hi')}") == f"{BLACK_FLAG}⟦U+E0068⟧⟦U+E0069⟧"


@pytest.mark.parametrize(
    ("text", "hosts", "warnings"),
    [
        ("http://evil.example\\@paypal.example/", ["evil.example"], {"veiled"}),
        ("https:evil.example/x", ["evil.example"], set()),
        ("https:\\\\evil.example", ["evil.example"], {"veiled"}),
        ("https://paypal.example@evil.example", ["evil.example"], {"veiled"}),
        ("paypal.com@evil.com/login", ["evil.com"], {"veiled"}),
        ("https://good.com%2eevil.com/", ["good.com.evil.com"], {"veiled"}),
        ("go to evil.example/login now", ["evil.example"], set()),
        ("www.evil.example", ["www.evil.example"], set()),
        ("Pay at evil.com now.", ["evil.com"], set()),
        ("Pay at EVIL.COM, or (see https://ola.example).", ["evil.com", "ola.example"], set()),
        ("请访问evil.com付款", ["evil.com"], set()),
        ("https://a.example,https://b.example/?u=c.example", ["a.example", "b.example"], set()),
        ("evil.com:8080/x", ["evil.com:8080"], {"port"}),
        ("https://ola.example:443/", ["ola.example"], set()),
        ("1.2.3.4/x", ["1.2.3.4"], {"number"}),
        ("http://2130706433/", ["127.0.0.1"], {"number", "veiled"}),
        ("http://0x7f.1", ["127.0.0.1"], {"number", "veiled"}),
        ("http://0177.0.0.1", ["127.0.0.1"], {"number", "veiled"}),
        ("http://256.1.1.1", ["an unreadable host"], {"unreadable"}),
        ("http://09.1.1.1", ["an unreadable host"], {"unreadable"}),
        ("http://1.2.3.4.5", ["an unreadable host"], {"unreadable"}),
        ("https://[::1]:80/", ["[::1]"], {"number"}),
        ("https://[::1/", ["an unreadable host"], {"unreadable"}),
        ("https://a..b/", ["an unreadable host"], {"unreadable"}),
        ("https://xn--a-ecp%2e.com", ["an unreadable host"], {"unreadable"}),
        ("пример.рф/путь", ["xn--e1afmkfd.xn--p1ai"], {"foreign"}),
        ("http://BÜCHER.example", ["xn--bcher-kva.example"], {"foreign"}),
        ("p\u0430ypal.com", ["xn--pypal-4ve.com"], {"foreign"}),
        ("https://faß.de", ["xn--fa-hia.de"], {"foreign"}),
        ("https://ς.gr", ["xn--3xa.gr"], {"foreign"}),
        ("https://i❤.ws", ["xn--i-7iq.ws"], {"foreign"}),
        ("www。evil。com", ["www.evil.com"], {"veiled"}),
        ("evil\uff0ecom", ["evil.com"], {"veiled"}),
        ("evil\u200b.com", ["evil.com"], {"hidden", "veiled"}),
        ("upi://pay?pa=eve@bank", ["upi://pay"], {"other"}),
        ("ftp://evil.com/x", ["ftp://evil.com/x"], {"other"}),
        ("now:javascript:alert(1)", ["javascript:alert(1"], {"other"}),
        ("call tel:+447400123456", ["tel:+447400123456"], set()),
        ("write to mia@example.com, mia.park@ola.example or see you.Thanks", [], set()),
        ("at 9.30am, p.m., e.g. Dr.Smith, v1.2, invoice.pdf, Data: x, http:", [], set()),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(text: str, hosts: list[str], warnings: set[str]) -> None:
    assert hosts_in(text) == hosts
    assert warned(text) == warnings


def test_each_host_is_named_once_in_the_order_of_the_text() -> None:
    assert hosts_in("https://good.example@evil.example/a http://ola.example https://evil.example/b") == ["evil.example", "ola.example"]


@pytest.mark.parametrize("evil", ["$", "a,", "a.", "é", "http:", "@", "é.é", "x://", "-.", "a", "%41.", "\u200b."])
def test_no_text_takes_long_to_read(evil: str) -> None:
    began = process_time()
    warnings_about((evil * 50_000)[:50_000] + "。b.com")
    assert process_time() - began < 3
