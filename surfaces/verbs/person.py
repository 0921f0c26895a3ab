"""The command line's verbs of a person: sign in, see what stands still, settle, replay, pause; each is a call of one operation."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from kernel import clock
from kernel.discover import load
from surfaces.cli import AsJson, Url, client, manner, show
from surfaces.target import Failure, find_address, find_person_target, load_config, nobody_at, save_config

POLL_SECONDS = 1.0
ENDED = "login_ended"
Reason = Annotated[str, typer.Option("--reason", help="How you know, or why; kept with the record.")]
Intent = Annotated[str, typer.Argument(help="An intent, int_….")]
Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="The channel (sms), key (key_…), request (apr_…) or lane (sms:twilio); none for workspace.")]


class Verdict(StrEnum):
    """What a person says of a doubt."""

    SENT = "sent"
    AGAIN = "again"
    GIVE_UP = "give-up"


class What(StrEnum):
    """What can be paused."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    KEY = "key"
    REQUEST = "request"
    LANE = "lane"


def login(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """Sign in as a person: confirm in the portal, within ten minutes."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        base = find_address(chosen.url)
        begun = client().call_tool(nobody_at(base), "start_login", {})
        typer.echo(f"Open, signed in to the portal:\n  {begun['confirmUrl']}\nIt must show this code:\n  {begun['userCode']}\nWaiting…", err=True)
        met = _await(base, begun)
        save_config(personUrl=base, personToken=met["token"])
        told = {"name": met["name"], "company": met["company"], "operates": met["operates"], "expiresAt": met["expiresAt"]}
        if chosen.as_json:
            show(told)
        else:
            may = "You may settle, replay and pause." if met["operates"] else "You may read; only owners and managers operate."
            typer.echo(f"Signed in as {met['name']} of {met['company']} until {met['expiresAt']}. {may}")


def _await(base: str, begun: dict[str, Any]) -> dict[str, Any]:
    """The session, once the person has confirmed; the server says when it is too late."""
    while True:
        met: dict[str, Any] = client().call_tool(nobody_at(base), "finish_login", {"loginId": begun["loginId"], "secret": begun["secret"]})
        if met["status"] == "confirmed":
            return met
        clock.pause(POLL_SECONDS)


def logout(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """End this terminal's session, here and at the server."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        kept = load_config()
        if not kept.get("personToken"):
            raise Failure("auth", "not_signed_in", "No person is signed in here.", "Nothing to do.")
        save_config(personToken=None, personUrl=None)
        client().call_tool(nobody_at(kept["personUrl"]), "end_login", {"token": kept["personToken"]})
        if chosen.as_json:
            show({"status": "ended"})
        else:
            typer.echo("Signed out.")


def lanes(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """What waits in each lane, what is paused, which provider refuses us."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = client().call_tool(find_person_target(chosen.url), "list_lanes", {})
        if chosen.as_json:
            show(found)
        else:
            load("surfaces.tables").lanes(found)


def doubts(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """The sends of which nobody knows whether the provider took them."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = client().call_tool(find_person_target(chosen.url), "list_doubts", {})
        if chosen.as_json:
            show(found)
        else:
            load("surfaces.tables").stuck(found["items"], "No doubts: every call ended clearly.")


def dead(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """The sends that failed for good, and why."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = client().call_tool(find_person_target(chosen.url), "list_dead_letters", {})
        if chosen.as_json:
            show(found)
        else:
            load("surfaces.tables").stuck(found["items"], "Nothing has failed for good.")


def keys(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None) -> None:
    """The agents' keys, newest first; never their secrets."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = client().call_tool(find_person_target(chosen.url), "list_api_keys", {})
        if chosen.as_json:
            show(found)
        else:
            load("surfaces.tables").keys(found["items"])


def resolve(ctx: typer.Context, intent: Intent, verdict: Verdict, reason: Reason, *, as_json: AsJson = False) -> None:
    """Settle a doubt: it was sent, send it again (the customer may get it twice), or give it up."""
    with manner(ctx, as_json=as_json, url=None) as chosen:
        given = {"intentId": intent, "verdict": verdict.replace("-", "_"), "reason": reason}
        done = client().call_tool(find_person_target(chosen.url), "resolve_doubt", given)
        _say(done, f"{done['intentId']} is {done['state']} now.", as_json=chosen.as_json)


def replay(ctx: typer.Context, intent: Intent, *, as_json: AsJson = False, url: Url = None) -> None:
    """Let a dead letter try again, with exactly the bytes that were approved."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        done = client().call_tool(find_person_target(chosen.url), "replay_dead_letter", {"intentId": intent})
        _say(done, f"{done['intentId']} is {done['state']} now.", as_json=chosen.as_json)


def pause(ctx: typer.Context, what: What, reason: Reason, name: Id = None, *, as_json: AsJson = False) -> None:
    """Hold what has not left yet: everything of the workspace, a channel, what one key asked for, one request, or a lane (operators)."""
    _hold(ctx, "pause_sending", {"what": what, "id": name, "reason": reason}, as_json=as_json)


def resume(ctx: typer.Context, what: What, reason: Reason, name: Id = None, *, as_json: AsJson = False) -> None:
    """Let go on what was paused."""
    _hold(ctx, "resume_sending", {"what": what, "id": name, "reason": reason}, as_json=as_json)


def revoke(ctx: typer.Context, key: Annotated[str, typer.Argument(help="A key, key_….")], *, as_json: AsJson = False, url: Url = None) -> None:
    """End an agent's key for good, and hold what it asked for."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        done = client().call_tool(find_person_target(chosen.url), "revoke_api_key", {"keyId": key})
        _say(done, f"{done['keyId']} opens nothing any more; what it asked for is held.", as_json=chosen.as_json)


def _hold(ctx: typer.Context, name: str, given: dict[str, Any], *, as_json: bool) -> None:
    with manner(ctx, as_json=as_json, url=None) as chosen:
        done = client().call_tool(find_person_target(chosen.url), name, {key: value for key, value in given.items() if value is not None})
        words = f"{done['what']} {done['id'] or ''}".strip()
        _say(done, f"{words} is {'paused' if done['paused'] else 'sending'}.", as_json=chosen.as_json)


def _say(answer: dict[str, Any], words: str, *, as_json: bool) -> None:
    if as_json:
        show(answer)
    else:
        typer.echo(words)


COMMANDS = (login, logout, lanes, doubts, dead, keys, resolve, replay, pause, resume, revoke)
