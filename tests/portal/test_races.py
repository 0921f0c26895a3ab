"""Many at once: fifty wrong codes get five tries between them, and of two deciders one wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Sequence

import anyio
import httpx2
import pytest
from sqlalchemy import text

from approvals.links import Invitation
from approvals.people import Rank
from kernel.db import Database
from kernel.keys import token_hash
from tests.factories import Desk
from tests.portal.guest import Reader, app_of, guest_at, invited, joined, state_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def all_at_once(posts: Sequence[Awaitable[httpx2.Response]]) -> list[httpx2.Response]:
    answers: list[httpx2.Response] = []

    async def one(post: Awaitable[httpx2.Response]) -> None:
        answers.append(await post)

    async with anyio.create_task_group() as group:
        for post in posts:
            group.start_soon(one, post)
    return answers


def form(desk: Desk, invitation: Invitation, code: str) -> dict[str, str]:
    page = guest_at(desk).open(invitation)
    return {**Reader(page.text).fields, "verdict": "approved", "code": code}


async def test_fifty_wrong_codes_at_once_get_five_tries_between_them(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    fields = form(desk, invitation, "000000" if invitation.code != "000000" else "111111")
    cookies = {"Cookie": f"sayso_link={invitation.token}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app_of(desk)), base_url=desk.settings.base_url) as http:
        answers = await all_at_once([http.post("/a", data=fields, headers=cookies) for _ in range(50)])
    said = Counter("wrong_code" if "wrong_code" in answer.text else "code_locked" if "code_locked" in answer.text else answer.text for answer in answers)
    assert said == {"wrong_code": 5, "code_locked": 45}
    assert {answer.status_code for answer in answers} == {403}
    with owner_db.transaction() as session:
        tries = session.scalar(text("SELECT tries FROM link WHERE token_hash = :hash"), {"hash": token_hash(invitation.token)})
    assert (tries, state_of(desk, pending), desk.send(pending).state) == (5, "pending", "held")


async def test_one_of_two_deciders_wins_and_the_other_is_told_when_both_press_at_once(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    people = [joined(desk, owner_db, f"Manager{number}", Rank.MANAGER) for number in range(8)]
    invitations = [invited(desk, pending, person) for person in people]
    forms = [form(desk, invitation, invitation.code) for invitation in invitations]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app_of(desk)), base_url=desk.settings.base_url) as http:
        posts = [
            http.post("/a", data=fields, headers={"Cookie": f"sayso_link={invitation.token}"}) for fields, invitation in zip(forms, invitations, strict=True)
        ]
        answers = await all_at_once(posts)
    assert Counter(answer.status_code for answer in answers) == {303: 1, 409: 7}
    assert all("already_decided" in answer.text and "approved this on" in answer.text for answer in answers if answer.status_code == 409)
    assert state_of(desk, pending) == "approved"
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM grants WHERE source = 'approval'")) == 1
