"""The HTML of a letter says what its text says, leads where it says, and loads nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from typing_extensions import override

from providers.letter_html import html_of

HOSTILE = [
    "Hello <script>alert(1)</script> & \"you\" 'there'",
    '<img src="https://evil.example/x.png" onerror=alert(1)>',
    'https://good.example/"onmouseover="alert(1)',
    "https://good.example/<b>x</b>?a=1&b=2&amp;c=3",
    "javascript:alert(1) data:text/html,x ftp://x.example",
    "</body></html><form action=https://evil.example>",
    "See https://salon.example/b?x=1&y=ü. And (https://salon.example/c), http://a.example!",
    "one\n\ntwo\r\nthree\n  four",
    "https://",
    "\u2764 grün\tTab",
]


class _Read(HTMLParser):
    """What somebody sees, and what would be loaded or followed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.words = ""
        self._leads: str | None = None
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "a":
            assert set(given) == {"href", "rel"}
            self._leads = given["href"] or ""
        else:
            assert set(given) <= {"charset", "dir"}, given

    @override
    def handle_data(self, data: str) -> None:
        self.words += data
        if self._leads is not None:
            self.links.append((data, self._leads))
            self._leads = None


@pytest.mark.parametrize("text", HOSTILE)
def test_it_says_the_same_and_loads_nothing_whatever_the_text_holds(text: str) -> None:
    read = _Read(html_of(text))
    assert read.words.strip("\n").splitlines() == text.splitlines()
    assert set(read.tags) <= {"html", "head", "meta", "body", "a", "br"}
    assert all(said == leads and leads.startswith(("http://", "https://")) for said, leads in read.links)


def test_an_address_ends_where_its_sentence_goes_on() -> None:
    leads = [said for said, _ in _Read(html_of(HOSTILE[6])).links]
    assert leads == ["https://salon.example/b?x=1&y=ü", "https://salon.example/c", "http://a.example"]


def test_the_same_text_makes_the_same_page_for_ever() -> None:
    page = html_of("Dear Ada,\nsee https://salon.example/b?x=1&y=2.")
    assert page == (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body dir="auto">\nDear Ada,<br>\nsee '
        '<a href="https://salon.example/b?x=1&amp;y=2" rel="noreferrer">https://salon.example/b?x=1&amp;y=2</a>.\n</body></html>\n'
    )
