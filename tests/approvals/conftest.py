"""What several tests of the gate stand on."""

from __future__ import annotations

from uuid import UUID

import pytest

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import set_policy
from tests.factories import Desk
from tests.portal.guest import joined


@pytest.fixture
def mona(desk: Desk, owner_db: Database) -> UUID:
    """A manager beside the owner, and every request needs two people."""
    set_policy(desk, "two_people", actions=["send_sms"])
    return joined(desk, owner_db, "Mona", Rank.MANAGER)
