"""Our pages load nothing from elsewhere: no script, style, image or font of another host, and no link to one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.tree import ROOT, files, refuse

PAGES = (".html", ".css", ".js", ".svg", ".jinja", ".j2")
ELSEWHERE = r"\s*[\"']?\s*(?:https?:)?//[^\s\"'>)]+"
LOADS = re.compile(
    rf"(?:\b(?:src|srcset|href|xlink:href|action|formaction|poster|data|background|manifest)\s*=|url\(|@import){ELSEWHERE}|\b(?:fetch|import)\({ELSEWHERE}",
    re.IGNORECASE,
)


def loads(text: str) -> Iterator[tuple[int, str]]:
    """Each line that names an address elsewhere where a browser would follow it."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, f"leads elsewhere: “{found.group()}”; serve it ourselves, or link from {{{{ base }}}}") for found in LOADS.finditer(line))


def test_pages_load_nothing_from_elsewhere() -> None:
    pages = [path for path in files() if path.endswith(PAGES) and path.partition("/")[0] == "surfaces"]
    assert pages
    refuse(f"{path}:{line} {words}" for path in pages for line, words in loads((ROOT / path).read_text()))


def test_loads_catch_each_way() -> None:
    assert list(loads('<script src="https://cdn.example/x.js"></script>'))
    assert list(loads("<img src=//cdn.example/x.png>"))
    assert list(loads('<a href="http://example.com/">'))
    assert list(loads("body { background: url( 'https://cdn.example/x.png' ) }"))
    assert list(loads('@import "https://fonts.example/x.css";'))
    assert list(loads("await fetch('https://api.example/')"))


def test_loads_let_our_own_pass() -> None:
    assert not list(loads('<link rel="stylesheet" href="/docs/style.css"><a href="{{ base }}/mcp"><svg xmlns="http://www.w3.org/2000/svg">'))
