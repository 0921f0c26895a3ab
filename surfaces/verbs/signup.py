"""`sayso signup …`, `whoami`, `orgs …`: found a company from a terminal, keep its key, and see where one is."""

from __future__ import annotations

from typing import Any

from surfaces.cli import Manner
from surfaces.target import MCP_PATH, Target, save_config
from surfaces.verb import Take, Verb

COMPANY = ("companyId", "name", "timezone", "country", "plan")


def keep_key(chosen: Manner, target: Target, answer: dict[str, Any]) -> dict[str, Any]:
    """Keep a new key where only its owner reads it; shown in full when that is wished, or when it cannot be kept."""
    key = answer.get("apiKey")
    if not key:
        return answer
    try:
        path = save_config(url=target.url.removesuffix(MCP_PATH), apiKey=key)
    except OSError as fault:
        return {**answer, "savedTo": f"nowhere ({fault.strerror}): keep the key yourself, it is not shown again"}
    return {**answer, "apiKey": chosen.keyed(key), "savedTo": str(path)}


def tell_where(_chosen: Manner, target: Target, answer: dict[str, Any]) -> dict[str, Any]:
    """The address, the key as far as it may be shown, and the company."""
    (company,) = answer["items"]
    return {"url": target.url, "key": f"{target.shown_key()} ({target.source})", **company}


VERBS = (
    Verb(
        "signup request",
        "register_organisation_request",
        "Ask to found a company; a code goes to the owner's e-mail address.",
        (
            Take("email", "The owner's e-mail address.", required=True),
            Take("organisationName", "What customers call it.", required=True),
            Take("industry", "Such as salon."),
            Take("country", "Two letters, such as FR."),
            Take("timezone", "Such as Europe/Paris."),
        ),
        by_nobody=True,
    ),
    Verb(
        "signup verify",
        "register_organisation_verify",
        "Found the company with the code; its key is kept in the config file, and shown in full with `sayso --show-key`.",
        (Take("requestId", "From signup request.", required=True), Take("code", "Six digits, from the owner's letter.", required=True)),
        by_nobody=True,
        then=keep_key,
    ),
    Verb("whoami", "list_my_companies", "Which server, which key, which company.", then=tell_where),
    Verb("orgs list", "list_my_companies", "The companies that this key may work in: one.", columns=COMPANY),
    Verb(
        "orgs switch",
        "switch_company",
        "Say which company to work in; a key works in its own alone.",
        (Take("companyId", "A company, org_….", required=True, is_word=True),),
    ),
)
