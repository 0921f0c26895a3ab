"""What is told without a key, and that no page of ours loads anything from elsewhere."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from typing_extensions import override

from kernel import operation
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio
LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data", "form": "action", "base": "href"}


class Loads(HTMLParser):
    """What a page makes the browser fetch, and what it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.tags: set[str] = set()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        self.loaded += [found[LOADING[tag]] or ""] if LOADING.get(tag, "") in found else []
        self.linked += [found["href"] or ""] if tag == "a" and "href" in found else []
        assert not any(name.startswith("on") or name == "style" for name in found)


async def test_docs_show_every_operation_and_argument(talk: Talk) -> None:
    async with talk(None) as http:
        page = await http.get("/docs")
    assert page.status_code == 200
    assert all(f'id="{name}"' in page.text for name in operation.REGISTRY)
    assert all(name in page.text for name in ("idempotencyKey", "How many.", "show_services", "required"))


async def test_docs_load_nothing_from_elsewhere(talk: Talk) -> None:
    async with talk(None) as http:
        page = await http.get("/docs")
        found = Loads()
        found.feed(page.text)
        assert found.loaded == ["/docs/style.css"]
        assert "script" not in found.tags
        for address in (*found.loaded, *(link for link in found.linked if not link.startswith("#"))):
            assert address.startswith("/")
            assert (await http.get(address)).status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_stylesheet_loads_nothing(talk: Talk) -> None:
    async with talk(None) as http:
        style = await http.get("/docs/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "url(" not in style.text
    assert "@import" not in style.text


async def test_server_card_shows_every_tool_with_its_annotations(talk: Talk) -> None:
    async with talk(None) as http:
        card = (await http.get("/.well-known/mcp/server-card.json")).json()
    assert (card["name"], card["version"]) == ("sayso", "0.1.0")
    assert [tool["name"] for tool in card["tools"]] == sorted(operation.REGISTRY)
    assert all(set(tool["annotations"]) == {"title", "readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} for tool in card["tools"])


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/healthz", "/no-such-page", "/api/ping", "/docs/style.css"])
async def test_every_answer_has_security_headers(talk: Talk, path: str) -> None:
    async with talk(None) as http:
        headers = (await http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["strict-transport-security"]
    assert headers["cache-control"]
