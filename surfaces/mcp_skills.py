"""Skills over MCP: as resources for every client, and by the skills extension (SEP-2640) for those that know it."""

from __future__ import annotations

from typing import Any, ClassVar

import mcp_types as types
from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from pydantic import ConfigDict
from starlette.requests import Request

from surfaces.skills import Skill, skills

EXTENSION = "io.modelcontextprotocol/skills"
MARKDOWN = "text/markdown"
Context = ServerRequestContext[Any, Request]


class Asked(types.RequestParams):
    """Anything."""

    model_config: ClassVar[ConfigDict] = {**types.RequestParams.model_config, "extra": "allow"}


class AskedFor(Asked):
    """Which skill."""

    uri: str


def add(server: Server[Any], fresh_ms: int) -> None:
    """Let the server tell its skills; they are the same for everybody."""
    hint = CacheHint(ttl_ms=fresh_ms, scope="public")
    told = {"ttlMs": fresh_ms, "cacheScope": "public"}

    async def all_skills(_context: Context, _params: Asked) -> dict[str, Any]:
        return {"skills": [_entry(skill) for skill in skills().values()], **told}

    async def one_skill(_context: Context, params: AskedFor) -> dict[str, Any]:
        return {"skill": _entry(_named(params.uri)), **told}

    server.add_request_handler("resources/list", types.PaginatedRequestParams, _resources)
    server.add_request_handler("resources/templates/list", types.PaginatedRequestParams, _templates)
    server.add_request_handler("resources/read", types.ReadResourceRequestParams, _read)
    server.add_request_handler("skills/list", Asked, all_skills)
    server.add_request_handler("skills/get", AskedFor, one_skill)
    server.extensions[EXTENSION] = {}
    server.cache_hints.update({"resources/list": hint, "resources/templates/list": hint, "resources/read": hint})


async def _resources(_context: Context, _params: types.PaginatedRequestParams) -> types.ListResourcesResult:
    return types.ListResourcesResult(
        resources=[
            types.Resource(uri=skill.uri, name=skill.name, description=skill.description, mime_type=MARKDOWN, size=skill.size) for skill in skills().values()
        ]
    )


async def _templates(_context: Context, _params: types.PaginatedRequestParams) -> types.ListResourceTemplatesResult:
    return types.ListResourceTemplatesResult(resource_templates=[])


async def _read(_context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    skill = _named(str(params.uri))
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=skill.uri, mime_type=MARKDOWN, text=skill.text)])


def _named(uri: str) -> Skill:
    found = next((skill for skill in skills().values() if skill.uri == uri), None)
    if found is None:
        raise MCPError(types.INVALID_PARAMS, "There is no such resource. Call resources/list.")
    return found


def _entry(skill: Skill) -> dict[str, Any]:
    front = {"name": skill.name, "description": skill.description}
    return {"uri": skill.uri, "frontmatter": front, "resources": [{"uri": skill.uri, "digest": skill.digest, "size": skill.size}]}
