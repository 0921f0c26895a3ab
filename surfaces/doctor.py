"""What `sayso doctor` looks at, one after the other: each check says whether it is well, in words, and what to do if not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel.settings import command
from surfaces.target import Failure, Target, config_path

GET_KEY = f"Set SAYSO_API_KEY, or found a company: {command()} signup request."


def checks(client: Any, target: Target) -> Iterator[dict[str, Any]]:
    """Each check as it is made. Raises Failure where going on would only repeat it: nobody answers, or the key is refused."""
    path = config_path()
    yield well("config", str(path) if path.exists() else f"no file at {path}, and none is needed")
    met = client.examine(target)
    yield well("endpoint", f"{target.url} {met['server']}, protocol {met['protocol']}")
    yield well("key", f"{target.shown_key()} ({target.source})") if target.key else ill("key", "not set", GET_KEY)
    yield well("tools", f"{met['tools']} for this key")
    yield _asked(client, target, "company", "list_my_companies", _company)
    yield _asked(client, target, "plan", "get_plan_status", _plan)
    yield _asked(client, target, "whatsapp", "get_whatsapp_connection_status", _whatsapp)


def _asked(client: Any, target: Target, check: str, tool: str, read: Any) -> dict[str, Any]:
    if not target.key:
        return ill(check, "cannot be asked without a key", GET_KEY)
    try:
        found: dict[str, Any] = read(client.call_tool(target, tool, {}))
    except Failure as refused:
        return ill(check, refused.body["message"], refused.body["nextStep"])
    return found


def _company(answer: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(f"{company['name']} ({company['companyId']}, {company['timezone']})" for company in answer["items"])
    return well("company", names)


def _plan(answer: dict[str, Any]) -> dict[str, Any]:
    used = ", ".join(f"{quota['name'].lower()} {quota['used']} of {quota['limit']}" for quota in answer["quotas"] if quota["limit"] is not None)
    over = [quota["name"] for quota in answer["quotas"] if quota["left"] == 0]
    words = f"{answer['name']}: {used}" if used else f"{answer['name']}, no limits"
    return ill("plan", words, answer["nextStep"]) if over else well("plan", words)


def _whatsapp(answer: dict[str, Any]) -> dict[str, Any]:
    health = "" if answer["health"] == answer["status"] else f", {answer['health']}"
    words = f"{answer['status']} as {answer['sender']}{health}"
    return well("whatsapp", words) if answer["health"] == "open" else ill("whatsapp", words, answer["nextStep"])


def well(check: str, words: str) -> dict[str, Any]:
    """A check that found nothing wrong."""
    return {"check": check, "ok": True, "words": words, "nextStep": None}


def ill(check: str, words: str, next_step: str) -> dict[str, Any]:
    """A check that found what somebody must mend."""
    return {"check": check, "ok": False, "words": words, "nextStep": next_step}
