"""What the log blots out: passwords in addresses, whoever they belong to."""

from __future__ import annotations

import pytest

from kernel.log import BLOT, redact


@pytest.mark.parametrize("who", ["", "sayso", "p%2Fw"])
@pytest.mark.parametrize("scheme", ["redis", "postgresql+psycopg", "https"])
def test_a_password_in_an_address_is_blotted_out_with_and_without_a_name(scheme: str, who: str) -> None:
    assert redact(f"no answer from {scheme}://{who}:canary@host:6379/0") == f"no answer from {scheme}://{BLOT}@host:6379/0"


@pytest.mark.parametrize("said", ["redis://host:6379/0", "http://host:80/a@b", "12:30 at redis://host"])
def test_an_address_without_a_password_stays(said: str) -> None:
    assert redact(said) == said
