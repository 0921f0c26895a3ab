"""Every link of a page leads somewhere: to a file that is there, at a heading that it has; and the site knows every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath

from tests.house.tree import ROOT, files, refuse

LINK = re.compile(r"\[[^\]]*\]\((?P<inline>[^)\s]+)\)|(?:src|href)=\"(?P<html>[^\"]+)\"")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
IN_NAV = re.compile(r": (\S+\.md)$|- (\S+\.md)$", re.MULTILINE)
JOINED = frozenset({"architecture.md", "changelog.md", "contributing.md", "security.md"})
"""Pages of the site that stand at the top of the repository (docs/.theme/hooks.py)."""


def pages() -> list[str]:
    """Every page that people read."""
    return [path for path in files() if path.endswith(".md") and not path.startswith(("skills/", "tests/"))]


def anchors(text: str) -> set[str]:
    """What each heading is called in an address, as GitHub and the site call it."""
    heads = [CODE.sub(lambda found: found.group().strip("`"), head) for head in HEADING.findall(FENCE.sub("", text))]
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def astray(path: str, text: str) -> Iterator[str]:
    """Links of a page that lead nowhere."""
    prose = CODE.sub("", FENCE.sub("", text))
    for found in LINK.finditer(prose):
        target, _, anchor = (found["inline"] or found["html"]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        meant = normpath((Path(path).parent / target).as_posix()) if target else path
        if not (ROOT / meant).exists():
            yield f"{path}: {target} is not there"
        elif anchor and meant.endswith(".md") and anchor not in anchors((ROOT / meant).read_text()):
            yield f"{path}: {meant} has no heading #{anchor}"


def unplaced(nav: str, there: set[str]) -> set[str]:
    """Pages that the site's map leaves out, or that it names though they are gone."""
    named = {first or second for first, second in IN_NAV.findall(nav)}
    return named ^ there


def test_every_link_leads_somewhere() -> None:
    refuse(fault for path in pages() for fault in astray(path, (ROOT / path).read_text()))


def test_every_page_has_a_place_in_the_site() -> None:
    there = {path.removeprefix("docs/") for path in pages() if path.startswith("docs/") and not path.startswith("docs/decisions/")}
    assert not unplaced((ROOT / "mkdocs.yml").read_text(), there | JOINED), "give the page its place under nav in mkdocs.yml"


def test_astray_catches_a_lost_file_and_a_lost_heading() -> None:
    assert list(astray("README.md", "[x](docs/gone.md)"))
    assert list(astray("docs/index.md", "[x](tools.md#approve_everything)"))
    assert list(astray("README.md", '<img src="docs/gone.png">'))
    assert not list(astray("README.md", "[x](docs/tools.md#send_sms) `[y](z.md)` [z](https://example.com)"))


def test_unplaced_catches_a_new_and_a_lost_page() -> None:
    assert unplaced("nav:\n  - A: a.md\n  - b.md\n", {"a.md", "c.md"}) == {"b.md", "c.md"}
