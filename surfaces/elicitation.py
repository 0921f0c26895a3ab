"""Sending a person to the decision: a client that can open addresses is offered the request's page in the portal.

The page asks for a sign-in like any other, so the address lets nobody in and may be read by the agent (MCP 2026-07-28, elicitation in
URL mode). Whatever the client says about having opened it decides nothing: the call goes on and reads the database.
"""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext

from kernel.keys import show
from kernel.settings import Settings
from surfaces.invoke import Done

SINCE = "2026-07-28"
"""The first revision in which a call may answer that it needs input; revisions are dates, and compare as such."""
KEY = "decide"
WORDS = "A person must decide this before anything is sent. Open the page to read it; it asks you to sign in."
WAIT = "waitSeconds"


def can_ask(context: ServerRequestContext[Any, Any], params: types.CallToolRequestParams) -> bool:
    """Whether this client opens addresses for its user, would wait for an answer, and was not asked already."""
    capabilities = context.session.client_capabilities
    able = capabilities is not None and capabilities.elicitation is not None and capabilities.elicitation.url is not None
    wants = bool((params.arguments or {}).get(WAIT))
    return able and wants and context.protocol_version >= SINCE and KEY not in (params.input_responses or {})


def impatient(arguments: dict[str, Any]) -> dict[str, Any]:
    """The same call without its patience: it is waited for after the person was asked."""
    return {name: value for name, value in arguments.items() if name != WAIT}


def invitation(settings: Settings, done: Done) -> types.InputRequiredResult | None:
    """The page on which a person decides what this answer waits for; None when it waits for nobody."""
    approval = done.answer.waits_for() if done.answer else None
    if approval is None:
        return None
    page = types.ElicitRequestURLParams(message=WORDS, url=f"{settings.base_url}/portal/approvals/{show('apr', approval)}")
    return types.InputRequiredResult(input_requests={KEY: types.ElicitRequest(params=page)})
