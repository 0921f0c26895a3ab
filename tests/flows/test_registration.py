"""A stranger's agent founds a business and works in it: over MCP, over REST, and in a terminal; known and unknown addresses are answered alike."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typing_extensions import override

from crm.access.invites import confirm
from kernel.db import Database
from kernel.keys import read
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.flows.test_operate import Terminal, served
from tests.portal.guest import Reader, app_of

Say = Callable[..., dict[str, Any]]
__all__ = ["served"]
ASKED = {"email": "mia@example.com", "organisationName": "Studio Mia", "industry": "salon", "country": "GB", "timezone": "Europe/London"}
CODE = re.compile(r"The code: (\d{6})")
JSON_OR_STREAM = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def web(desk: Desk) -> Iterator[TestClient]:
    """The whole application, spoken to without a key until one is given."""
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


@pytest.fixture(params=["mcp", "rest"])
def say(request: pytest.FixtureRequest, web: TestClient) -> Say:
    """Call a tool over either wire; what is refused is answered as it is on that wire."""

    def over_mcp(tool: str, **arguments: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        return dict(json.loads(web.post("/mcp", json=body, headers=JSON_OR_STREAM).json()["result"]["content"][0]["text"]))

    def over_rest(tool: str, **arguments: Any) -> dict[str, Any]:
        return dict(web.post(f"/api/{tool}", json=arguments).json())

    return over_mcp if request.param == "mcp" else over_rest


class Newcomer(Terminal):
    """A shell in which nobody has a key yet."""

    @property
    @override
    def environment(self) -> dict[str, str]:
        """The same without the agent's key."""
        return {name: value for name, value in super().environment.items() if name != "SAYSO_API_KEY"}


def letters(bench: Bench) -> list[str]:
    """What lies in the mailbox, oldest first."""
    bench.drain("email:sandbox")
    return [dispatch.content.body for dispatch in bench.memory.ledger]


def code_in(bench: Bench) -> str:
    (code,) = CODE.findall(letters(bench)[-1])
    return str(code)


def test_an_agent_founds_a_business_and_works_in_it(say: Say, web: TestClient, bench: Bench, owner_db: Database) -> None:
    asked = say("register_organisation_request", **ASKED)
    assert (set(asked), asked["maskedEmail"]) == ({"requestId", "maskedEmail", "expiresAt", "instructions"}, "m…@example.com")
    wrong = say("register_organisation_verify", requestId=asked["requestId"], code="000000" if code_in(bench) != "000000" else "000001")
    assert (wrong["code"], wrong["details"], bool(wrong["nextStep"])) == ("wrong_code", {"triesLeft": 4}, True)
    made = say("register_organisation_verify", requestId=asked["requestId"], code=code_in(bench))
    assert (made["status"], made["organisationId"], made["loginUrl"]) == ("registered", made["companyId"], "http://sayso.test/portal/sign-in")
    again = say("register_organisation_verify", requestId=asked["requestId"], code=code_in(bench))
    assert (again["code"], "apiKey" in again) == ("code_used", False)
    web.headers["Authorization"] = f"Bearer {made['apiKey']}"
    (company,) = say("list_my_companies")["items"]
    assert company == {"companyId": made["companyId"], "name": "Studio Mia", "timezone": "Europe/London", "country": "GB", "plan": "self_hosted"}
    assert say("switch_company", companyId=made["companyId"])["company"] == company
    assert say("switch_company", companyId="org_" + "0" * 32)["code"] == "not_found"
    assert say("create_service", name="Haircut", durationMinutes=60, price="49.00")["currency"] == "GBP"
    pending = say("send_sms", to="+447400123456", body="Hello.")
    assert pending["status"] == "pending"
    assert rows(owner_db, "SELECT p.email FROM link l JOIN person p ON p.id = l.person_id") == [("mia@example.com",)]


def test_the_owner_signs_in_with_the_address_that_was_proved(say: Say, web: TestClient, bench: Bench) -> None:
    asked = say("register_organisation_request", **ASKED)
    say("register_organisation_verify", requestId=asked["requestId"], code=code_in(bench))
    web.post("/portal/sign-in", data={**Reader(web.get("/portal/sign-in").text).fields, "address": "mia@example.com"})
    (found,) = re.findall(r"sign in: (\d{4} \d{4})", letters(bench)[-1])
    web.post("/portal/sign-in/code", data={**Reader(web.get("/portal/sign-in/code").text).fields, "code": found})
    assert "mia@example.com" in web.get("/portal/settings/team").text


def test_an_owners_address_is_answered_alike_and_gets_no_key(say: Say, bench: Bench, owner_db: Database) -> None:
    stranger = say("register_organisation_request", **ASKED)
    owner = say("register_organisation_request", **{**ASKED, "email": "olivia@example.com"})
    assert set(stranger) == set(owner)
    assert stranger["instructions"] == owner["instructions"]
    assert len(stranger["requestId"]) == len(owner["requestId"])
    told = say("register_organisation_verify", requestId=owner["requestId"], code="12345x")
    assert told["code"] == "invalid_arguments"
    codes = {("You own a business" in letter): CODE.findall(letter)[0] for letter in letters(bench)}
    wrong = {who: f"{(int(code) + 1) % 10**6:06d}" for who, code in codes.items()}
    refused = [say("register_organisation_verify", requestId=one["requestId"], code=wrong[known]) for one, known in ((stranger, False), (owner, True))]
    assert refused[0] == refused[1]
    met = say("register_organisation_verify", requestId=owner["requestId"], code=codes[True])
    assert (met["status"], met["apiKey"], met["loginUrl"]) == ("existing_account", None, "http://sayso.test/portal/sign-in")
    assert rows(owner_db, "SELECT count(*) FROM api_key") == [(1,)]


def test_an_invited_person_comes_in_with_an_agent(say: Say, web: TestClient, desk: Desk, bench: Bench, owner_db: Database) -> None:
    web.headers["Authorization"] = f"Bearer {desk.founded.key.secret}"
    invite = say("create_team_member_invite", email="robin@example.com", role="manager", name="Robin", idempotencyKey="robin-0001")
    assert say("create_team_member_invite", email="robin@example.com", role="manager", name="Robin", idempotencyKey="robin-0001")["replayed"]
    assert (invite["status"], say("list_team_members")["total"]) == ("waits_for_owner", 1)
    with desk.signed_in() as (session, owner):
        confirm(session, desk.settings, owner, read("ivt", invite["inviteId"]))
    (token,) = re.findall(r"this token: (\S+)", "".join(letters(bench)))
    del web.headers["Authorization"]
    assert say("accept_team_invite_request", token=token)["maskedEmail"] == "r…@example.com"
    (code,) = re.findall(r"code to come in to .*: (\d{6})", "".join(letters(bench)))
    met = say("accept_team_invite_verify", token=token, code=code)
    assert (met["status"], met["role"], "apiKey" in met) == ("joined", "manager", False)
    assert say("accept_team_invite_verify", token=token, code=code)["code"] == "invite_over"
    assert say("accept_team_invite_request", token="x" * 22)["code"] == "invite_over"
    assert rows(owner_db, "SELECT name, role FROM person WHERE email = 'robin@example.com'") == [("Robin", "manager")]


def test_a_terminal_proposes_and_accepts_an_invite(served: Desk, bench: Bench, tmp_path: Path) -> None:
    agent, robin = Terminal(served, tmp_path / "agent.json"), Newcomer(served, tmp_path / "robin.json")
    invite = agent.read("team", "invite", "create", "--email", "robin@example.com", "--role", "staff", "--expires-in-hours", "24")
    with served.signed_in() as (session, owner):
        confirm(session, served.settings, owner, read("ivt", invite["inviteId"]))
    (token,) = re.findall(r"this token: (\S+)", "".join(letters(bench)))
    robin.run("team", "invite", "accept-request", "--token", token)
    (code,) = re.findall(r"code to come in to .*: (\d{6})", "".join(letters(bench)))
    robin.run("team", "invite", "accept-verify", "--token", token, "--code", "12345", code=5)
    assert robin.read("team", "invite", "accept-verify", "--token", token, "--code", code)["role"] == "staff"
    assert [one["email"] for one in agent.read("team", "list")["items"]] == ["olivia@example.com", "robin@example.com"]


def test_a_fourth_request_is_told_to_wait(web: TestClient) -> None:
    answers = [web.post("/api/register_organisation_request", json={**ASKED, "email": f"mia{n}@example.com"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].json()["code"], bool(answers[3].json()["nextStep"])) == ("too_often", True)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"email": "mia"}, "invalid_arguments"),
        ({"email": "mia@example.com\r\nBcc: all@example.com"}, "invalid_arguments"),
        ({"organisationName": "Studio\nMia"}, "header_injection"),
        ({"organisationName": " "}, "invalid_arguments"),
        ({"organisationName": "x" * 121}, "invalid_arguments"),
        ({"country": "XX"}, "invalid_arguments"),
        ({"timezone": "Mars/Olympus"}, "invalid_arguments"),
        ({"timezone": "localtime"}, "invalid_arguments"),
        ({"industry": "x" * 81}, "invalid_arguments"),
        ({"colour": "blue"}, "invalid_arguments"),
    ],
)
def test_a_business_that_cannot_be_is_refused_and_nothing_is_sent(web: TestClient, owner_db: Database, said: dict[str, str], code: str) -> None:
    answer = web.post("/api/register_organisation_request", json={**ASKED, **said})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(0,)]


def test_a_stranger_is_shown_how_to_come_in_and_an_agent_is_not(web: TestClient, desk: Desk) -> None:
    def listed() -> set[str]:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        return {tool["name"] for tool in web.post("/mcp", json=body, headers=JSON_OR_STREAM).json()["result"]["tools"]}

    doors = {"register_organisation_request", "register_organisation_verify"}
    assert doors <= listed()
    web.headers["Authorization"] = f"Bearer {desk.founded.key.secret}"
    assert not doors & listed()


def test_a_terminal_founds_a_business_and_keeps_its_key(served: Desk, bench: Bench, tmp_path: Path) -> None:
    shell = Newcomer(served, tmp_path / "config.json")
    asked = shell.read("signup", "request", "--email", "mia@example.com", "--organisation-name", "Studio Mia", "--country", "FR", "--timezone", "Europe/Paris")
    made = shell.read("signup", "verify", "--request-id", asked["requestId"], "--code", code_in(bench))
    kept = json.loads(shell.config.read_text())
    assert (stat.S_IMODE(shell.config.stat().st_mode), made["savedTo"]) == (0o600, str(shell.config))
    assert (made["apiKey"] != kept["apiKey"], made["apiKey"][-4:]) == (True, kept["apiKey"][-4:])
    assert shell.read("whoami")["name"] == "Studio Mia"
    assert kept["apiKey"] not in shell.run("whoami")
    assert [one["companyId"] for one in shell.read("orgs", "list")["items"]] == [made["companyId"]]
    assert shell.read("orgs", "switch", made["companyId"])["company"]["name"] == "Studio Mia"
    shell.run("orgs", "switch", "org_" + "0" * 32, code=5)


def test_a_terminal_shows_the_key_only_where_that_is_wished(served: Desk, bench: Bench, tmp_path: Path) -> None:
    shell = Newcomer(served, tmp_path / "config.json")
    asked = shell.read("signup", "request", "--email", "mia@example.com", "--organisation-name", "Studio Mia")
    made = shell.read("--show-key", "signup", "verify", "--request-id", asked["requestId"], "--code", code_in(bench))
    assert made["apiKey"] == json.loads(shell.config.read_text())["apiKey"]
