"""What several tests of the gate stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import set_policy
from tests.factories import Bench, Desk
from tests.portal.guest import joined
from workers.clock import post_digests


@pytest.fixture
def mona(desk: Desk, owner_db: Database) -> UUID:
    """A manager beside the owner, and every request needs two people."""
    set_policy(desk, "two_people", actions=["send_sms"])
    return joined(desk, owner_db, "Mona", Rank.MANAGER)


@pytest.fixture
def strict(desk: Desk) -> Desk:
    """A desk whose people are written to once in ten minutes, and three times an hour."""
    return replace(desk, settings=desk.settings.model_copy(update={"notice_pause_seconds": 600.0, "notices_per_hour": 3}))


@pytest.fixture
def mail(strict: Desk, bench: Bench) -> Callable[[], list[Any]]:
    """Lets the clock post and the worker send; what reached our own people since the last time."""
    heard = 0

    def read() -> list[Any]:
        nonlocal heard
        post_digests(bench.database, strict.settings)
        for lane in ("email:sandbox", "sms:sandbox", "whatsapp:sandbox"):
            bench.drain(lane)
        new = [one.content for one in bench.memory.ledger[heard:] if not one.content.gated]
        heard = len(bench.memory.ledger)
        return new

    return read
