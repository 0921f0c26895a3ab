"""Calls drawn from our own OpenAPI document, by a reader who wrote none of it: no role and no argument is ever answered by a 5xx."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from starlette.testclient import TestClient

from approvals.people import Person, Rank
from crm.access.keys import SCOPES, issue
from crm.access.sessions import begin
from kernel.clock import now
from kernel.db import Database
from tests.approvals.hands import dead, doubt
from tests.factories import Bench, Desk
from tests.portal.guest import app_of, joined

SERVER_ERROR = 500
OPERATOR = "olivia@example.com"
WANTED = int(os.environ.get("SAYSO_SCHEMA_CASES", "0"))
CASES = WANTED or 60
"""Of each role, so many calls that fit the document and so many that do not; `SAYSO_SCHEMA_CASES=5000` draws others each time."""
DRAWN = settings(
    max_examples=CASES,
    derandomize=not WANTED,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def door(desk: Desk, bench: Bench) -> Desk:
    """A desk that has seen some life, in an installation whose operator is the owner."""
    doubt(desk, bench)
    dead(desk, bench)
    desk.ask()
    return replace(desk, settings=desk.settings.model_copy(update={"operator_emails": OPERATOR}))


@pytest.fixture
def web(door: Desk) -> Iterator[TestClient]:
    """The whole application."""
    with TestClient(app_of(door), base_url=door.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


Credential = Callable[[Desk, Database], str]


def key(*scopes: str) -> Credential:
    """A key of these scopes."""

    def made(desk: Desk, owner_db: Database) -> str:
        with owner_db.transaction() as session:
            return issue(session, desk.founded.workspace, "an agent", scopes).secret

    return made


def terminal(rank: Rank | None) -> Credential:
    """The terminal of somebody of this rank; None: the operator."""

    def made(desk: Desk, owner_db: Database) -> str:
        person = joined(desk, owner_db, rank.title(), rank) if rank else desk.founded.owner
        with desk.database.transaction(desk.founded.workspace) as session:
            return begin(session, session.get_one(Person, person), "terminal", now())

    return made


ROLES: dict[str, Credential | None] = {
    "nobody": None,
    "a key of nothing": key(),
    "a key of everything": key(*SCOPES),
    "staff": terminal(Rank.STAFF),
    "manager": terminal(Rank.MANAGER),
    "owner": terminal(Rank.OWNER),
    "operator": terminal(None),
}


@pytest.fixture
def callers(door: Desk, owner_db: Database) -> dict[str, dict[str, str]]:
    """What each role puts into its calls; nobody, what the document's reader has drawn."""
    return {name: {"Authorization": f"Bearer {made(door, owner_db)}"} if made else {} for name, made in ROLES.items()}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_drawn_call_of_any_role_is_our_fault(web: TestClient, callers: dict[str, dict[str, str]], mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_dict(web.get("/openapi.json").json())
    heard: Counter[int] = Counter()

    @DRAWN
    @given(case=document.as_strategy(generation_mode=mode))
    def call(case: Case) -> None:
        for role, headers in callers.items():
            answer = spoken(web, case, headers)
            heard[answer.status_code] += 1
            assert answer.status_code < SERVER_ERROR, f"{role}: {case.operation.label} {case.body!r} is answered {answer.text}"
            case.validate_response(answer, checks=[response_schema_conformance, status_code_conformance])

    call()
    print(mode.value, dict(heard))
    assert heard.total() >= CASES * len(callers)
    assert {200, 401, 403, 404, 422} <= heard.keys()


def spoken(web: TestClient, case: Case, headers: dict[str, str]) -> httpx2.Response:
    """What the case says, with a caller's own headers, and waiting for nothing."""
    drawn = case.as_transport_kwargs(base_url=str(web.base_url))
    if "json" in drawn:
        drawn["data"] = json.dumps(drawn["json"]).encode()
    if isinstance(case.body, dict) and isinstance(case.body.get("waitSeconds"), int):
        drawn["data"] = json.dumps({**case.body, "waitSeconds": 0}).encode()
    given = {"Content-Type": "application/json", **drawn["headers"], **headers}
    wire = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in given.items()]
    return web.request(drawn["method"], drawn["url"], content=drawn.get("data", b""), headers=wire)
