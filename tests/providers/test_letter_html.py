"""The HTML of a letter says what its text says, leads where it says, and loads nothing."""

from __future__ import annotations

from hashlib import sha256
from html.parser import HTMLParser
from typing import get_args
from uuid import UUID

import pytest
from typing_extensions import override

from outbox.content import KINDS, Form
from outbox.kinds.email import Email
from outbox.snapshot import Snapshot, thaw
from providers.letter_html import FORMS, plain_1

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
    read = _Read(plain_1(text))
    assert read.words.strip("\n").splitlines() == text.splitlines()
    assert set(read.tags) <= {"html", "head", "meta", "body", "a", "br"}
    assert all(said == leads and leads.startswith(("http://", "https://")) for said, leads in read.links)


def test_an_address_ends_where_its_sentence_goes_on() -> None:
    leads = [said for said, _ in _Read(plain_1(HOSTILE[6])).links]
    assert leads == ["https://salon.example/b?x=1&y=ü", "https://salon.example/c", "http://a.example"]


PLAIN_1 = (
    '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body dir="auto">\nDear Ada,<br>\nsee '
    '<a href="https://salon.example/b?x=1&amp;y=2" rel="noreferrer">https://salon.example/b?x=1&amp;y=2</a>.\n</body></html>\n'
)
GOLDEN = {"plain-1": (PLAIN_1, "5ae0141184470fc44d495592ed10db9faab8744e0f853bb8d2f95015d42becfd")}
"""What each form makes of a plain text, and the SHA-256 of what it makes of the hostile ones. Nothing here is ever changed: a new form is added."""


def test_every_form_makes_the_same_page_for_ever() -> None:
    made = {
        name: (form("Dear Ada,\nsee https://salon.example/b?x=1&y=2."), sha256("\0".join(map(form, HOSTILE)).encode()).hexdigest())
        for name, form in FORMS.items()
    }
    assert made == GOLDEN


def test_every_form_that_is_frozen_can_be_made() -> None:
    assert set(get_args(Form)) == set(FORMS)
    letters = {name: model for name, model in KINDS.items() if model.channel == "email"}
    assert letters
    assert all(model.model_fields["form"].annotation == Form for model in letters.values())


def test_the_digest_binds_the_form() -> None:
    plain = Email(to="ada@salon.example", subject="Tomorrow", body="At ten.")
    other = Email.model_construct(**{**plain.frozen(), "form": "plain-2"})
    first, second = (Snapshot(UUID(int=1), "desk@salon.example", content) for content in (plain, other))
    assert b'"form":"plain-1"' in first.canonical()
    assert first.digest != second.digest
    assert thaw(second.canonical()).content.frozen()["form"] == "plain-2"
