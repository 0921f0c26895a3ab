"""The conformance suite: every provider that can be found meets every case it can be made to meet, and comes to the agreed outcome."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import pytest

from kernel import clock
from kernel.discover import modules
from outbox.content import Medium
from outbox.dispatch import Accepted, Later, Refused, Unsure
from providers.transport import HostRefused, Transport
from tests.contracts.cases import CASES, CONNECT_S, CROWDED, HURRIED_S, LANE_FAULTS, SECRET, Case, Rig, StubRig, is_listening, waits
from tests.fixtures.dispatches import TEXT

PROVIDERS = [module.__name__.removeprefix("providers.") for module in modules("providers") if hasattr(module, "connect")]
RIGS = {name: importlib.import_module(f"tests.contracts.rigs.{name}") for name in PROVIDERS}
OVER_HTTP = [name for name, found in RIGS.items() if found.rig.__annotations__["return"] == "StubRig"]
MET = [(name, case) for name, found in RIGS.items() for case in CASES if case in found.MEETS]
SLACK_S = 5.0
CHANNELS: set[Medium] = {"whatsapp", "sms", "email", "payments"}


def _each(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("rig", names, indirect=True)


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """A provider that can be made to meet cases."""
    made: Rig = RIGS[request.param].rig(tmp_path)
    yield made
    made.close()


def test_provider_declares_itself_when_found() -> None:
    for module in modules("providers"):
        if hasattr(module, "connect") or hasattr(module, "WEBHOOKS"):
            assert set(module.SERVES) <= CHANNELS, module.__name__
            assert all(not path.startswith("/") for path in getattr(module, "WEBHOOKS", {}))


@pytest.mark.parametrize(("rig", "case"), MET, indirect=["rig"])
def test_outcome_is_as_agreed_when_case_is_met(rig: Rig, case: Case) -> None:
    dispatch = rig.arrange(case)
    started = clock.monotonic()
    outcome = rig.provider.perform(dispatch)
    assert type(outcome) is CASES[case], outcome
    assert clock.monotonic() - started < HURRIED_S + SLACK_S
    match outcome:
        case Accepted():
            assert outcome.ref
        case Later():
            assert outcome.reason
            assert outcome.lane_fault == (case in LANE_FAULTS)
            assert outcome.crowded == (isinstance(rig, StubRig) and case in CROWDED)
        case Refused() | Unsure():
            assert outcome.reason


@pytest.mark.parametrize("form", waits())
@_each(OVER_HTTP)
def test_later_keeps_to_what_was_asked_when_throttled(rig: StubRig, form: str) -> None:
    headers, seconds = waits()[form]
    outcome = rig.provider.perform(rig.tell({"do": "429", "headers": headers}))
    assert isinstance(outcome, Later)
    assert outcome.after == (None if seconds is None else pytest.approx(seconds, abs=3))


@_each(PROVIDERS)
def test_reference_arrives_each_time_or_once_when_performed_twice(rig: Rig) -> None:
    dispatch = rig.arrange("accept")
    first, second = rig.provider.perform(dispatch), rig.provider.perform(dispatch)
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert rig.arrived() == [dispatch.reference] * (1 if rig.dedupes else 2)
    assert (first.ref == second.ref) == (rig.dedupes or rig.names_by_intent)


@_each(OVER_HTTP)
def test_request_arrives_once_when_answer_is_lost(rig: StubRig) -> None:
    for case in ("accept_then_hang", "accept_then_reset", "accept_then_500", "503", "429", "redirect"):
        dispatch = rig.arrange(case)
        rig.provider.perform(dispatch)
        assert rig.arrived().count(dispatch.reference) == 1, case


@_each(PROVIDERS)
def test_nothing_secret_is_logged_or_told_when_anything_happens(rig: Rig, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    told, secrets = "", {SECRET, TEXT, TEXT[:25]}
    for case in RIGS[request.node.callspec.params["rig"]].MEETS:
        dispatch = rig.arrange(case)
        secrets |= {dispatch.recipient, dispatch.recipient.removeprefix("+")}
        told += str(rig.provider.perform(dispatch))
    told += "".join(f"{record.getMessage()} {record.args} {record.__dict__.get('exc_text')}" for record in caplog.records)
    assert not {secret for secret in secrets if secret in told}


@_each(OVER_HTTP)
def test_redirect_is_not_followed_when_answered(rig: StubRig) -> None:
    for case in ("redirect", "see_other"):
        dispatch = rig.arrange(case)
        rig.provider.perform(dispatch)
    assert "/elsewhere" not in {entry.path for entry in rig.stub.entries()}


@_each(OVER_HTTP)
def test_connection_is_kept_when_answers_are_whole(rig: StubRig) -> None:
    for case in ("accept", "400", "429", "500", "html", "accept"):
        dispatch = rig.arrange(case)
        rig.provider.perform(dispatch)
    transport = cast("Transport", rig.provider._transport)  # type: ignore[attr-defined]  # what is kept is not in the contract
    assert transport._pool.num_connections == 1


@_each(OVER_HTTP)
def test_foreign_host_is_refused_when_called(rig: StubRig) -> None:
    transport = Transport(rig.api, connect=CONNECT_S)
    port = urlsplit(rig.api).port
    assert is_listening(("127.0.0.1", port or 0))
    for url in (f"http://localhost:{port}/", f"https://127.0.0.1:{port}/", "http://127.0.0.1:1/", "http://api.twilio.com/"):
        with pytest.raises(HostRefused):
            transport.post(url, b"", {})
    assert rig.arrived() == []
