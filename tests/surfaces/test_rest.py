"""REST: one POST for each operation, refusals as data, and an OpenAPI document that describes exactly that."""

from __future__ import annotations

from typing import Any

import pytest

from kernel import operation
from tests.surfaces import toys
from tests.surfaces.conftest import Talk
from tests.surfaces.shapes import check_schema, insist_fits
from tests.surfaces.test_invoke import BOOKING

pytestmark = pytest.mark.anyio


async def test_operation_answers_its_wire_form(talk: Talk) -> None:
    async with talk() as http:
        answer = await http.post("/api/list_services", json={"limit": 1})
    assert answer.status_code == 200
    assert answer.json()["items"][0]["durationMinutes"] == 30


async def test_alias_answers_too(talk: Talk) -> None:
    async with talk() as http:
        assert (await http.post("/api/show_services")).status_code == 200


async def test_replay_is_said(talk: Talk) -> None:
    async with talk() as http:
        first = (await http.post("/api/create_booking", json={**BOOKING, "idempotencyKey": "key-12345"})).json()
        second = (await http.post("/api/create_booking", json={**BOOKING, "idempotencyKey": "key-12345"})).json()
    assert second == {**first, "replayed": True}


REFUSALS = [
    (None, "list_services", {}, 401, "auth_required"),
    (toys.READER_KEY, "list_services", {}, 403, "scope_missing"),
    (toys.KEY, "list_services", {"limt": 1}, 422, "invalid_arguments"),
    (toys.KEY, "break_down", {"how": "not_found"}, 404, "not_found"),
    (toys.KEY, "break_down", {"how": "clash"}, 409, "conflict"),
    (toys.KEY, "break_down", {"how": "limited"}, 429, "rate_limited"),
    (toys.KEY, "break_down", {"how": "gone"}, 503, "unavailable"),
    (toys.KEY, "break_down", {"how": "bug"}, 500, "internal"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=[row[-1] for row in REFUSALS])
async def test_refusal_has_status_code_and_next_step(talk: Talk, row: tuple[str | None, str, dict[str, Any], int, str]) -> None:
    key, name, body, status, code = row
    async with talk(key) as http:
        answer = await http.post(f"/api/{name}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert answer.json()["nextStep"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert ("retry-after" in answer.headers) == (status in {429, 503})


async def test_wrong_method_names_the_right_one(talk: Talk) -> None:
    async with talk() as http:
        answer = await http.get("/api/list_services")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource/mcp",
        "/api",
        "/api/a/b",
        "/mcp/",
    ],
)
async def test_nothing_is_found_elsewhere(talk: Talk, path: str) -> None:
    async with talk() as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_path")


async def test_openapi_lists_every_operation_once(talk: Talk) -> None:
    async with talk(None) as http:
        shown = (await http.get("/openapi.json")).json()
    posts = [path["post"] for path in shown["paths"].values()]
    assert shown["openapi"].startswith("3.1")
    assert sorted(post["operationId"] for post in posts) == sorted(operation.REGISTRY)
    assert all({"200", "401", "403", "404", "409", "413", "422", "429", "500", "503"} <= set(post["responses"]) for post in posts)
    assert {post["operationId"] for post in posts if post["security"] == []} == {"ping", "register"}
    assert shown["components"]["securitySchemes"]["key"] == {**shown["components"]["securitySchemes"]["key"], "type": "http", "scheme": "bearer"}


async def test_openapi_references_lead_somewhere(talk: Talk) -> None:
    async with talk(None) as http:
        shown = (await http.get("/openapi.json")).json()
    references = set(_references(shown))
    assert references
    for reference in references:
        found: Any = shown
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    for schema in shown["components"]["schemas"].values():
        check_schema(schema)


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [value for key, value in part.items() if key == "$ref"] + [found for value in part.values() for found in _references(value)]
    return [found for item in part for found in _references(item)] if isinstance(part, list) else []


async def test_answers_fit_the_openapi_schema(talk: Talk) -> None:
    async with talk() as http:
        shown = (await http.get("/openapi.json")).json()
        body = {**BOOKING, "idempotencyKey": "key-12345"}
        answers = [(await http.post("/api/create_booking", json=body)).json() for _ in range(2)]
    schema = shown["paths"]["/api/create_booking"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    for answer in answers:
        insist_fits(answer, {**schema, "components": shown["components"]})
