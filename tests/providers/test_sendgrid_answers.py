"""SendGrid's answers: 202 with an id or nothing is accepted; its first error is shown without addresses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outbox.dispatch import Accepted, Outcome, Refused, Unsure
from tests.contracts.cases import StubRig
from tests.contracts.rigs import sendgrid


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[StubRig]:
    made = sendgrid.rig(tmp_path)
    yield made
    made.close()


def _outcome(rig: StubRig, status: int, body: str = "", **headers: str) -> Outcome:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return rig.provider.perform(rig.tell({"do": "400", "status": status, "body": body, "headers": given}))


def test_it_is_accepted_only_when_202_has_an_id(rig: StubRig) -> None:
    assert _outcome(rig, 202, X_Message_Id="abc-1") == Accepted("abc-1")
    for odd in (_outcome(rig, 202), _outcome(rig, 202, X_Message_Id=" "), _outcome(rig, 200, X_Message_Id="abc-1"), _outcome(rig, 204)):
        assert isinstance(odd, Unsure)


def test_first_error_is_shown_without_addresses_when_refused(rig: StubRig) -> None:
    errors = {"errors": [{"message": "ada@salon.example is\nno good", "field": "personalizations.0.to", "help": None}]}
    assert _outcome(rig, 400, json.dumps(errors)) == Refused("SendGrid refused it: [redacted] is no good", "personalizations.0.to")


@pytest.mark.parametrize("body", ["", "[]", "7", '{"errors": []}', '{"errors": [7]}', '{"errors": {}}', "[" * 5000])
def test_refusal_stands_when_its_body_is_odd(rig: StubRig, body: str) -> None:
    assert _outcome(rig, 413, body) == Refused("SendGrid refused it and gave no reason.", "413")
