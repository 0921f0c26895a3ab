"""Twilio's codes: each decides what it must, in either form of its errors, and no address comes through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from tests.contracts.cases import StubRig
from tests.contracts.rigs import twilio

PATIENCE = {"Retry-After": "3"}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[StubRig]:
    made = twilio.rig(tmp_path)
    yield made
    made.close()


def _outcome(rig: StubRig, status: int, body: object) -> Outcome:
    told = {"do": "400", "status": status, "headers": PATIENCE, "body": body if isinstance(body, str) else json.dumps(body)}
    return rig.provider.perform(rig.tell(told))


CODES: dict[tuple[int, int], Outcome] = {
    (400, 21610): Refused("This person has opted out: they answered STOP to this sender.", "21610", "customer"),
    (400, 21211): Refused("This is not a phone number that can receive messages.", "21211"),
    (400, 99999): Refused("Twilio refused it with code 99999.", "99999"),
    (429, 20429): Later("Twilio has too many requests from this account at once.", after=3, crowded=True),
    (400, 20429): Later("Twilio has too many requests from this account at once.", after=3, crowded=True),
    (429, 63038): Later("The account sent as many messages as it may in a day.", after=3, crowded=True),
    (429, 99999): Later("Twilio asks us to slow down.", after=3, crowded=True),
    (429, 14107): Later("Too many messages went to this number within half a minute.", after=3),
    (400, 21611): Later("The sender's queue is full.", after=3, crowded=True),
    (401, 20003): Later("Twilio does not accept the account's credentials.", lane_fault=True),
    (500, 21610): Unsure("Twilio failed while it had the message (HTTP 500)."),
}


@pytest.mark.parametrize(("status", "code"), CODES)
def test_code_decides_when_refused(rig: StubRig, status: int, code: int) -> None:
    old = {"code": code, "message": "about +447400123456", "status": status}
    new = {"type": "https://x", "title": "about +447400123456", "status": status, "code": code}
    assert _outcome(rig, status, old) == _outcome(rig, status, new) == CODES[status, code]


@pytest.mark.parametrize("body", ["", "[]", "null", "[" * 5000, '{"code": {"a": []}}', '{"code": null}', "<h1>No</h1>"])
def test_refusal_stands_when_its_body_is_odd(rig: StubRig, body: str) -> None:
    assert isinstance(_outcome(rig, 400, body), Refused)


@pytest.mark.parametrize("body", ["[]", "null", '{"sid": null}', '{"sid": ["SM"]}', '{"sid": "SMshort"}', '{"sid": "AC00000000000000000000000000000000"}'])
def test_it_is_unsure_when_success_has_no_usable_sid(rig: StubRig, body: str) -> None:
    assert isinstance(_outcome(rig, 201, body), Unsure)


def test_it_is_unsure_when_a_failure_names_a_sid(rig: StubRig) -> None:
    assert isinstance(_outcome(rig, 500, {"sid": f"SM{'0' * 32}"}), Unsure)


def test_environment_has_no_say_when_it_names_another_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    rig = twilio.rig(tmp_path)
    assert isinstance(rig.provider.perform(rig.arrange("accept")), Accepted)
    rig.close()
