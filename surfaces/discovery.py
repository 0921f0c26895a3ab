"""What is told without a key: the OpenAPI document, the page of every operation, and the MCP server card."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from kernel import schema
from kernel.operation import Operation
from kernel.settings import version
from surfaces import openapi
from surfaces.door import Door
from surfaces.faults import UnknownPath
from surfaces.mcp import INSTRUCTIONS, SCOPE_META
from surfaces.skills import skills

JSON = "application/json"
HERE = Path(__file__).parent
STYLE = HERE / "static" / "docs.css"
CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PUBLIC_FOR_MINUTES = {"Cache-Control": "public, max-age=300"}
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*", **PUBLIC_FOR_MINUTES}

pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)


def routes(door: Door) -> list[BaseRoute]:
    """The public routes."""
    base = door.settings.base_url
    return [
        Route("/openapi.json", partial(_answer, _document, base, JSON, ANY_ORIGIN)),
        Route("/docs", partial(_answer, _page, base, "text/html", {"Content-Security-Policy": CSP, **PUBLIC_FOR_MINUTES})),
        Route("/docs/style.css", _style),
        Route("/llms.txt", partial(_answer, _guide, base, "text/plain", ANY_ORIGIN)),
        Route("/skills/{name}/SKILL.md", _skill),
        Route("/.well-known/mcp/server-card.json", partial(_answer, _card, base, JSON, ANY_ORIGIN)),
    ]


@lru_cache(maxsize=2)
def _document(base: str, names: tuple[str, ...]) -> bytes:
    """Built once: strangers may ask for it, and building it takes a hundred times longer than sending it."""
    return _json(openapi.document(base, schema.named(names)))


@lru_cache(maxsize=2)
def _card(base: str, names: tuple[str, ...]) -> bytes:
    """Who this is, where it answers, and every tool with its annotations."""
    identity = {"name": "sayso", "title": "Sayso", "version": version()}
    return _json(
        {
            **identity,
            "serverInfo": identity,
            "instructions": INSTRUCTIONS,
            "transport": {"type": "streamable-http", "endpoint": "/mcp", "url": f"{base}/mcp"},
            "authentication": {"required": False, "schemes": ["bearer"]},
            "tools": [_in_card(operation) for operation in schema.named(names)],
        },
    )


@lru_cache(maxsize=2)
def _page(base: str, names: tuple[str, ...]) -> bytes:
    shown = [_entry(operation) for operation in schema.named(names)]
    return pages.get_template("docs.html").render(entries=shown, base=base, version=version()).encode()


@lru_cache(maxsize=2)
def _guide(base: str, names: tuple[str, ...]) -> bytes:
    """For a model that has nothing but an address: what this is, how to speak to it, every task and every tool."""
    tasks = [f"- [{skill.name}]({base}/skills/{skill.name}/SKILL.md): {skill.description}" for skill in skills().values()]
    tools = [f"- {operation.name}: {operation.summary}" for operation in schema.named(names)]
    ways = [f"- MCP: POST {base}/mcp", f"- REST: POST {base}/api/NAME, described in {base}/openapi.json", "- Both: Authorization: Bearer sayso_mcp_…"]
    parts = ["# Sayso", "> Agents ask. People decide. Workers deliver, once.", INSTRUCTIONS, "## Ways in", *ways, "## Skills", *tasks, "## Tools", *tools]
    return "\n".join(f"\n{part}\n" if part.startswith(("#", ">")) else part for part in parts).lstrip().encode() + b"\n"


async def _skill(request: Request) -> Response:
    found = skills().get(request.path_params["name"])
    if found is None:
        raise UnknownPath
    return Response(found.text, media_type="text/markdown", headers=ANY_ORIGIN)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


async def _answer(make: Callable[[str, tuple[str, ...]], bytes], base: str, media: str, headers: dict[str, str], _request: Request) -> Response:
    return Response(make(base, schema.names()), media_type=media, headers=headers)


def _in_card(operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.summary,
        "annotations": schema.hints(operation),
        "inputSchema": schema.of_arguments(operation),
        "_meta": {SCOPE_META: operation.scope},
    }


async def _style(_request: Request) -> Response:
    return FileResponse(STYLE, media_type="text/css", headers=PUBLIC_FOR_MINUTES)


def _entry(operation: Operation) -> dict[str, Any]:
    asked = schema.of_arguments(operation)
    return {
        "operation": operation,
        "hints": [name.removesuffix("Hint") for name, value in schema.hints(operation).items() if value is True],
        "arguments": [_argument(name, part, required=name in asked.get("required", [])) for name, part in asked["properties"].items()],
        "example": json.dumps(operation.example, indent=2, ensure_ascii=False) if operation.example else "",
    }


def _argument(name: str, part: dict[str, Any], *, required: bool) -> dict[str, Any]:
    return {"name": name, "type": _type_of(part), "required": required, "description": part.get("description", "")}


def _type_of(part: dict[str, Any]) -> str:
    if "enum" in part:
        return " | ".join(str(value) for value in part["enum"])
    if "$ref" in part:
        return str(part["$ref"]).rpartition("/")[2]
    options = [_type_of(option) for option in part.get("anyOf", part.get("oneOf", [])) if option.get("type") != "null"]
    return " | ".join(dict.fromkeys(options)) or str(part.get("format") or part.get("type") or "any")
