"""The built site, as `./dev test-docs` leaves it: whole, found by its search, and loading nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typing_extensions import override

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "dist" / "docs"
POLICY = "default-src 'self'"
FOREIGN = re.compile(r"^\s*(?:[a-z]+:)?//")
LOADING = ("src", "srcset", "poster", "data", "background", "manifest", "action", "formaction")
IN_STYLE = re.compile(r"(?:url\(|@import)\s*[\"']?\s*(?:https?:)?//[^\s\"')]+")


class Page(HTMLParser):
    """What a browser would fetch for a page, and the policy that it is given."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.policy = ""
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self.loaded += [given[name] for name in LOADING if name in given]
        self.loaded += [given["href"]] if tag != "a" and "href" in given else []


def pages() -> list[Path]:
    """Every page of the site."""
    return sorted(SITE.rglob("*.html"))


def foreign(text: str) -> list[str]:
    """The addresses of other hosts that a page would load."""
    return [address for address in Page(text).loaded if FOREIGN.match(address)]


def indexed() -> dict[str, str]:
    """What the search knows: the words under each address."""
    found = json.loads((SITE / "search" / "search_index.json").read_text())
    return {entry["location"]: f"{entry['title']} {entry['text']}" for entry in found["docs"]}


def test_every_page_is_built() -> None:
    expected = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert expected <= {page.relative_to(SITE).as_posix() for page in pages()}


def test_no_page_loads_anything_from_elsewhere() -> None:
    assert {page.name: foreign(page.read_text()) for page in pages() if foreign(page.read_text())} == {}
    assert [sheet.name for sheet in SITE.rglob("*.css") if IN_STYLE.search(sheet.read_text())] == []


def test_every_page_forbids_the_browser_to_go_elsewhere() -> None:
    """The theme's script knows addresses of other hosts, for uses that are not ours; the policy holds whatever it does."""
    policies = {page.name: Page(page.read_text()).policy for page in pages()}
    assert [name for name, policy in policies.items() if not policy.startswith(POLICY) or re.search(r"https?:|\*", policy)] == []


def test_foreign_catches_each_way() -> None:
    for snippet in ('<script src="https://cdn.example/x.js">', '<link href="//fonts.example/x.css">', "<img src=http://x.example/y.png>"):
        assert foreign(snippet), snippet
    assert not foreign('<a href="https://example.com">x</a><script src="assets/x.js"></script>')


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("request_send_approval", "tools.html"),
        ("SAYSO_LEASE_SECONDS", "configuration.html"),
        ("idempotency_conflict", "errors.html"),
        ("login-link", "commands.html"),
        ("undelivered", "states.html"),
    ],
)
def test_the_search_finds_a_word_on_its_page(word: str, page: str) -> None:
    assert any(address.startswith(page) and word in words for address, words in indexed().items())


def test_the_search_knows_every_page() -> None:
    known = {address.partition("#")[0] for address in indexed()}
    assert {page.relative_to(SITE).as_posix() for page in pages()} - {"404.html", "index.html"} <= known
