"""The sandbox keeps each message once, privately and for good, and calls back as a provider would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue

import pytest
from typing_extensions import override

from kernel.clock import now
from kernel.settings import Settings
from outbox.dispatch import Absent, Accepted, Dispatch, ForgedWebhook, Found, Inbound, Later, Refused, Sought, StatusEvent, Unsure
from providers import sandbox, sandbox_callbacks
from providers.sandbox_files import keep
from tests.fixtures.dispatches import TEXT, dispatch_to
from tests.fixtures.settings import settings_for

WAIT_S = 10


class _Desk(ThreadingHTTPServer):
    """Takes callbacks as our webhook surface would; the first ones it may answer otherwise."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came: Queue[Inbound] = Queue()
        self.answers: Queue[int] = Queue()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def next_event(self, settings: Settings) -> StatusEvent:
        [event] = sandbox.receive(self.came.get(timeout=WAIT_S), settings)
        assert isinstance(event, StatusEvent)
        return event


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Desk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer = 204 if self.server.answers.empty() else self.server.answers.get()
        self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.came.put(Inbound("sandbox", f"{self.server.url}{self.path}", body, headers))

    @override
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def desk() -> Iterator[_Desk]:
    made = _Desk()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def settings(tmp_path: Path, desk: _Desk) -> Settings:
    return settings_for(tmp_path / "data", base_url=desk.url)


@pytest.fixture
def provider(settings: Settings) -> Iterator[sandbox.Sandbox]:
    made = sandbox.connect(settings)
    yield made
    made.close()


def _to(recipient: str, desk: _Desk, attempt: int = 1) -> Dispatch:
    return dispatch_to("email" if "@" in recipient else "sms", recipient, attempt=attempt, callback=f"{desk.url}/webhooks/sandbox")


def test_message_is_kept_privately_when_performed(provider: sandbox.Sandbox, settings: Settings, desk: _Desk) -> None:
    dispatch = _to("ada@salon.example", desk)
    outcome = provider.perform(dispatch)
    [kept] = sandbox.read(settings.data_dir)
    assert outcome == Accepted(kept.ref, "sent")
    assert (kept.reference, kept.recipient, kept.subject, kept.body) == (dispatch.reference, "ada@salon.example", "Tomorrow at ten", TEXT)
    assert kept.note == sandbox.NOTHING_LEFT == "sandbox: nothing left this machine"
    folder = settings.data_dir / "sandbox"
    modes = {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    assert modes == {".": 0o700, "email": 0o700, f"email/{kept.ref}.json": 0o600}


def test_mailbox_is_sorted_by_time_when_read(provider: sandbox.Sandbox, settings: Settings, desk: _Desk) -> None:
    assert sandbox.read(settings.data_dir) == []
    sent = [_to(recipient, desk) for recipient in ("ada@salon.example", "+447400123456", "bob@salon.example")]
    for dispatch in sent:
        provider.perform(dispatch)
    assert [kept.reference for kept in sandbox.read(settings.data_dir)] == [dispatch.reference for dispatch in sent]


def test_callbacks_come_signed_and_in_order_when_taken(provider: sandbox.Sandbox, settings: Settings, desk: _Desk) -> None:
    dispatch = _to("+447400123456", desk)
    outcome = provider.perform(dispatch)
    assert isinstance(outcome, Accepted)
    events = [desk.next_event(settings) for _ in range(2)]
    assert [(event.status, event.reference, event.ref) for event in events] == [
        ("sent", dispatch.reference, outcome.ref),
        ("delivered", dispatch.reference, outcome.ref),
    ]


def test_callbacks_come_once_when_performed_twice(provider: sandbox.Sandbox, settings: Settings, desk: _Desk) -> None:
    twice, once = _to("+447400123456", desk), _to("+447400123456", desk)
    assert provider.perform(twice) == provider.perform(twice)
    provider.perform(once)
    came = [desk.next_event(settings).reference for _ in range(4)]
    assert came == [twice.reference, twice.reference, once.reference, once.reference]


def test_what_it_took_is_found_though_the_reference_is_signed_anew(provider: sandbox.Sandbox, desk: _Desk) -> None:
    taken = _to("+447400123456", desk)
    outcome = provider.perform(taken)
    assert isinstance(outcome, Accepted)
    later = replace(taken, reference="ref.signed-a-minute-later")
    assert provider.look_up(Sought(later, now(), frozenset())) == Found(outcome.ref, "sent")
    assert provider.look_up(Sought(replace(later, attempt=2), now(), frozenset())) == Absent()


@pytest.mark.parametrize("recipient", ["+15005550009", "bounce@salon.example"])
def test_message_is_undelivered_when_it_bounces(provider: sandbox.Sandbox, settings: Settings, desk: _Desk, recipient: str) -> None:
    assert isinstance(provider.perform(_to(recipient, desk)), Accepted)
    assert [desk.next_event(settings).status for _ in range(2)] == ["sent", "undelivered"]


@pytest.mark.parametrize("recipient", ["+15005550003", "unsure@salon.example"])
def test_evidence_comes_when_answer_is_lost(provider: sandbox.Sandbox, settings: Settings, desk: _Desk, recipient: str) -> None:
    dispatch = _to(recipient, desk)
    assert isinstance(provider.perform(dispatch), Unsure)
    assert desk.next_event(settings).reference == dispatch.reference


@pytest.mark.parametrize(("phone", "address"), [("+15005550001", "refused@salon.example"), ("+15005550002", "later@salon.example")])
def test_nothing_is_kept_when_not_taken(provider: sandbox.Sandbox, settings: Settings, desk: _Desk, phone: str, address: str) -> None:
    assert {type(provider.perform(_to(recipient, desk))) for recipient in (phone, address)} <= {Refused, Later}
    assert sandbox.read(settings.data_dir) == []


def test_message_is_taken_on_next_attempt_when_later(provider: sandbox.Sandbox, desk: _Desk) -> None:
    assert isinstance(provider.perform(_to("+15005550002", desk)), Later)
    assert isinstance(provider.perform(_to("+15005550002", desk, attempt=2)), Accepted)


def test_callback_is_tried_again_when_surface_fails(settings: Settings, desk: _Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_callbacks, "PAUSES_S", (0.01, 0.01))
    for answer in (500, 503):
        desk.answers.put(answer)
    provider = sandbox.connect(settings)
    provider.perform(_to("+447400123456", desk))
    assert [desk.next_event(settings).status for _ in range(4)] == ["sent", "sent", "sent", "delivered"]
    provider.close()


def test_callback_goes_nowhere_else_when_address_is_foreign(tmp_path: Path, desk: _Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_callbacks, "PAUSES_S", ())
    provider = sandbox.connect(settings_for(tmp_path, base_url="http://127.0.0.1:1"))
    assert isinstance(provider.perform(_to("+447400123456", desk)), Accepted)
    provider.close()
    assert desk.came.empty()


def test_callback_is_forged_when_secret_is_foreign(provider: sandbox.Sandbox, settings: Settings, desk: _Desk, tmp_path: Path) -> None:
    provider.perform(_to("+447400123456", desk))
    inbound = desk.came.get(timeout=WAIT_S)
    assert sandbox.receive(inbound, settings)
    with pytest.raises(ForgedWebhook):
        sandbox.receive(inbound, settings_for(tmp_path, secret_key="another secret for tests, 33 chars"))
    rotated = settings_for(tmp_path, secret_key="another secret for tests, 33 chars", secret_key_previous=settings.secret_key.get_secret_value())
    assert sandbox.receive(inbound, rotated)


def test_nothing_is_taken_when_files_cannot_be_written(tmp_path: Path, desk: _Desk) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    provider = sandbox.connect(settings_for(blocked, base_url=desk.url))
    assert isinstance(provider.perform(_to("+447400123456", desk)), Later)
    provider.close()


def test_one_is_first_when_several_race(tmp_path: Path, desk: _Desk) -> None:
    dispatch = _to("+447400123456", desk)
    with ThreadPoolExecutor(8) as racers:
        assert sorted(racers.map(lambda _: keep(tmp_path, dispatch), range(8))) == [False] * 7 + [True]
    assert len(sandbox.read(tmp_path)) == 1
