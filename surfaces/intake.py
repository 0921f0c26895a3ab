"""Reads a request's body as JSON, and answers a refusal as JSON: what every programmatic surface does first and last."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kernel.errors import AuthRequired, SaysoError
from surfaces.auth import challenge
from surfaces.faults import NotJson, WrongMediaType, as_data

RETRY_AFTER = {429: "60", 503: "5"}
PROBLEM = "application/problem+json"


def parse(body: bytes) -> Any:
    """The JSON value in these bytes; refuses NaN, half surrogate pairs and bottomless nesting."""
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as fault:
        msg = f"The body is not JSON: {fault}."
        raise NotJson(msg) from None


def insist_json(request: Request) -> None:
    """Refuse a body of another kind: a form of a foreign page could post it without asking the browser first."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongMediaType


async def arguments(request: Request) -> dict[str, Any]:
    """The body as the arguments of an operation; an empty body is no arguments."""
    body = await request.body()
    if not body:
        return {}
    insist_json(request)
    found = parse(body)
    if not isinstance(found, dict):
        msg = "The body is JSON, but not one object."
        raise NotJson(msg)
    return found


def refusal(refused: SaysoError) -> Response:
    """The refusal as an HTTP answer: `{code, message, nextStep}` under its own status."""
    after = str(refused.data.get("retryAfterSeconds", RETRY_AFTER.get(refused.status, "")))
    headers = {"Retry-After": after} if after else {}
    if isinstance(refused, AuthRequired):
        headers["WWW-Authenticate"] = challenge(refused)
    return JSONResponse(as_data(refused), refused.status, headers, PROBLEM)
