"""Skills are told over MCP in both eras, to bare clients, by plain addresses, and in llms.txt."""

from __future__ import annotations

import hashlib

import pytest
from mcp.shared.exceptions import MCPError

from surfaces.skills import skills
from tests.surfaces.conftest import Talk
from tests.surfaces.test_mcp import ERAS, client, rpc

pytestmark = pytest.mark.anyio
ODD = ("skill://nobody/SKILL.md", "file:///etc/passwd", "skill://../../pyproject.toml", "skill://billing/../../SECURITY.md")


@ERAS
@pytest.mark.parametrize("key", [None])
async def test_skills_are_resources_in_each_era(talk: Talk, era: str, key: str | None) -> None:
    async with client(talk, era, key) as speaking:
        listed = (await speaking.list_resources()).resources
        assert [(str(one.uri), one.name) for one in listed] == [(skill.uri, skill.name) for skill in skills().values()]
        (content,) = (await speaking.read_resource(str(listed[0].uri))).contents
        assert getattr(content, "text", "") == next(iter(skills().values())).text
        assert (await speaking.list_resource_templates()).resource_templates == []
        for uri in ODD:
            with pytest.raises(MCPError):
                await speaking.read_resource(uri)


async def test_skills_extension_lists_and_gets_with_digests(talk: Talk) -> None:
    async with talk(None) as http:
        listed = (await rpc(http, "skills/list", {})).json()["result"]["skills"]
        one = (await rpc(http, "skills/get", {"uri": listed[0]["uri"]})).json()["result"]["skill"]
        odd = (await rpc(http, "skills/get", {"uri": "skill://nobody/SKILL.md"})).json()["error"]
        text = (await http.get(f"/skills/{listed[0]['frontmatter']['name']}/SKILL.md")).content
    assert one == listed[0]
    assert odd["code"] == -32602
    (resource,) = one["resources"]
    assert (resource["digest"], resource["size"]) == (f"sha256:{hashlib.sha256(text).hexdigest()}", len(text))


async def test_llms_txt_names_every_task_and_tool(talk: Talk) -> None:
    async with talk(None) as http:
        guide = await http.get("/llms.txt")
        assert guide.headers["content-type"].startswith("text/plain")
        for skill in skills().values():
            assert f"/skills/{skill.name}/SKILL.md): {skill.description}" in guide.text
            assert (await http.get(f"/skills/{skill.name}/SKILL.md")).text == skill.text
        assert (await http.get("/skills/nobody/SKILL.md")).status_code == 404
        assert (await http.get("/skills/..%2F..%2Fpyproject/SKILL.md")).status_code == 404
    assert guide.text.startswith("# Sayso\n")
    assert "- list_services: List the services." in guide.text
