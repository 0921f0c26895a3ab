"""A browser at the desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories import Desk
from tests.portal.guest import Guest, guest_at


@pytest.fixture
def guest(desk: Desk) -> Iterator[Guest]:
    """A browser that holds no cookie yet."""
    visitor = guest_at(desk)
    yield visitor
    visitor.http.close()
