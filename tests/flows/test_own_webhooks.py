"""Webhooks of own accounts: whose credentials prove an event decides of whose messages it may speak, whatever it names."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from crm.access.setup import found
from kernel import clock
from kernel.db import Database
from outbox.connecting import Asked
from outbox.dispatch import Accepted
from outbox.references import reference_to
from tests.approvals.hands import rows
from tests.factories import PHONE, Bench, Desk
from tests.fixtures.senders import NUMBER, OTHER_SID, SID, TOKEN, connected
from tests.fixtures.webhooks import KEY, KEY_OLD, public_key_of
from tests.portal.guest import app_of
from workers.calls import Calls
from workers.drain import Drains
from workers.receive import Receiver

OUR_TOKEN, THEIR_TOKEN = "token-of-the-installation", "canary-token-of-theirs"
THEIR_SID, THEIR_NUMBER = "AC" + "c" * 32, "+447400999555"
REF = "SM" + "1" * 32


@dataclass(frozen=True)
class Two:
    """Two businesses on one installation, and what it takes to speak for a provider."""

    ours: Desk
    theirs: Desk
    bench: Bench
    http: TestClient

    def twilio(self, token: str, path: str = "status", **form: str) -> int:
        """Post a form, signed with this token, and work it off; the answer."""
        ref = form.pop("ref", "")
        url = f"{self.ours.settings.base_url}/webhooks/twilio/{path}" + (f"?ref={ref}" if ref else "")
        signed = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form), "Content-Type": "application/x-www-form-urlencoded"}
        return self._post(url, urlencode(form).encode(), signed)

    def sendgrid(self, key: ec.EllipticCurvePrivateKey, account: str, event: Mapping[str, Any]) -> int:
        """Post an event to an account's address, signed with this key, and work it off; the answer."""
        body, stamp = json.dumps([event]).encode(), str(int(clock.now().timestamp()))
        signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
        head = {"X-Twilio-Email-Event-Webhook-Signature": signature, "X-Twilio-Email-Event-Webhook-Timestamp": stamp}
        return self._post(f"/webhooks/sendgrid{account}", body, head)

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        status = self.http.post(url, content=body, headers=dict(headers)).status_code
        Receiver(self.ours.settings, self.bench.database).receive()
        return status


@pytest.fixture
def two(desk: Desk, bench: Bench, worker_db: Database, owner_db: Database) -> Two:
    """Ours and theirs each have a Twilio account; the installation has one as well."""
    settings = desk.settings.model_copy(update={"twilio_auth_token": SecretStr(OUR_TOKEN), "sendgrid_webhook_public_key": public_key_of(KEY_OLD)})
    with owner_db.transaction() as session:
        theirs = Desk(desk.database, settings, found(session, "Elsewhere", "eve@example.com"))
    ours = replace(desk, settings=settings)
    connected(ours, worker_db)
    connected(theirs, worker_db, Asked("sms", "twilio", THEIR_NUMBER, THEIR_SID), token=THEIR_TOKEN)
    return Two(ours, theirs, replace(bench, settings=settings), TestClient(app_of(ours), base_url=settings.base_url))


class Borrowed:
    """Stands for the provider of every own account."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def serving(self, *_: object) -> Any:
        """The bench's memory."""
        return self._bench.memory


def drained(two: Two) -> None:
    """Every lane with a customer's message is drained, own ones by the bench's memory."""
    own: Any = Borrowed(two.bench)
    drains = Drains(two.bench.settings, two.bench.database, Calls(two.bench.settings, {"sandbox": two.bench.memory}, own))
    for lane in rows(two.bench.database, "SELECT DISTINCT d.lane FROM delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind IN ('sms', 'email')"):
        drains.drain(str(lane[0]))


def sent(two: Two, desk: Desk, ref: str = REF) -> tuple[Any, str]:
    """A message that left by the workspace's account, and its signed reference."""
    pending = desk.approved()
    two.bench.memory.tell(Accepted(ref))
    drained(two)
    assert desk.send(pending).state == "sent"
    return pending, reference_to(two.ours.settings.secrets, pending.intent_ids[0], 1)


def status(ref: str, sid: str = SID, message: str = REF) -> dict[str, str]:
    """What Twilio says of a delivered message."""
    return {"ref": ref, "AccountSid": sid, "MessageSid": message, "MessageStatus": "delivered", "ErrorCode": ""}


def test_a_status_is_heard_by_the_accounts_own_token(two: Two) -> None:
    pending, ref = sent(two, two.ours)
    assert two.twilio(TOKEN, **status(ref)) == 204
    assert two.ours.send(pending).state == "delivered"


def test_a_message_is_found_by_twilios_own_id_when_the_reference_is_lost(two: Two) -> None:
    pending, _ = sent(two, two.ours)
    assert two.twilio(TOKEN, **status("")) == 204
    assert two.ours.send(pending).state == "delivered"


@pytest.mark.parametrize("token", [THEIR_TOKEN, OUR_TOKEN[::-1], "x"])
def test_a_wrong_signature_is_refused(two: Two, owner_db: Database, token: str) -> None:
    pending, ref = sent(two, two.ours)
    assert two.twilio(token, **status(ref)) == 400
    assert (two.ours.send(pending).state, rows(owner_db, "SELECT count(*) FROM inbox")) == ("sent", [(0,)])


@pytest.mark.parametrize("lost", [False, True])
def test_a_tenant_that_signs_with_its_own_token_changes_nothing_of_another(two: Two, lost: bool) -> None:
    """The forger names our message, by its true reference or by Twilio's own id; signed by us, the same words are believed."""
    pending, ref = sent(two, two.ours)
    forged = status("" if lost else ref, THEIR_SID)
    assert two.twilio(THEIR_TOKEN, **forged) == 204
    assert two.ours.send(pending).state == "sent"
    assert two.twilio(THEIR_TOKEN, **status(ref, SID)) == 400
    assert two.ours.send(pending).state == "sent"
    assert two.twilio(TOKEN, **status(ref)) == 204
    assert two.ours.send(pending).state == "delivered"


def test_a_tenant_that_calls_our_account_its_own_speaks_only_for_itself(two: Two, worker_db: Database, owner_db: Database) -> None:
    """They connect our SID with a token that they know; were its test to go well, their signature would still not be ours."""
    with owner_db.transaction() as session:
        third = replace(two.ours, founded=found(session, "Third", "mallory@example.com"))
    connected(third, worker_db, token="a-token-that-they-know")
    pending, ref = sent(two, two.ours)
    assert two.twilio("a-token-that-they-know", **status(ref)) == 204
    assert two.ours.send(pending).state == "sent"
    assert two.twilio(TOKEN, **status(ref)) == 204
    assert two.ours.send(pending).state == "delivered"


def test_nobody_takes_the_place_of_anothers_event_by_posting_it_first(two: Two) -> None:
    """Events are deduplicated by what they say; the forger says it first."""
    pending, ref = sent(two, two.ours)
    two.twilio(THEIR_TOKEN, **status(ref, THEIR_SID))
    two.twilio(TOKEN, **status(ref))
    assert two.ours.send(pending).state == "delivered"


def test_an_unknown_account_is_the_installations(two: Two, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        third = replace(two.ours, founded=found(session, "Third", "zoe@example.com"))
    pending, ref = sent(two, third)
    for token, answer in ((THEIR_TOKEN, 400), (OUR_TOKEN, 204)):
        assert two.twilio(token, **status(ref, OTHER_SID)) == answer
    assert third.send(pending).state == "delivered"


def test_an_own_token_says_nothing_of_what_left_by_the_installation(two: Two, owner_db: Database, worker_db: Database) -> None:
    with owner_db.transaction() as session:
        third = replace(two.ours, founded=found(session, "Third", "zoe@example.com"))
    pending, ref = sent(two, third)
    connected(third, worker_db, Asked("sms", "twilio", "+447400999333", "AC" + "d" * 32), token="a-token-of-the-third")
    assert two.twilio("a-token-of-the-third", **status(ref, "AC" + "d" * 32)) == 204
    assert third.send(pending).state == "sent"


def test_the_installations_token_says_nothing_of_an_own_account(two: Two) -> None:
    pending, ref = sent(two, two.ours)
    assert two.twilio(OUR_TOKEN, **status(ref)) == 204
    assert two.ours.send(pending).state == "sent"


def written(sid: str, to: str, body: str = "Yes please.", ref: str = "SM" + "2" * 32) -> dict[str, str]:
    """A customer's message, as Twilio posts it."""
    return {"path": "inbound", "AccountSid": sid, "MessageSid": ref, "From": PHONE, "To": to, "Body": body, "NumMedia": "0"}


HEARD = "SELECT w.name, h.body FROM heard h JOIN workspace w ON w.id = h.workspace_id"


def test_what_comes_to_an_own_number_belongs_to_that_workspace_alone(two: Two, owner_db: Database) -> None:
    sent(two, two.theirs)
    assert two.twilio(TOKEN, **written(SID, NUMBER)) == 204
    assert rows(owner_db, HEARD) == [("Studio Ola", "Yes please.")]


def test_a_stop_to_an_own_number_stops_that_workspace_alone(two: Two, owner_db: Database) -> None:
    two.twilio(TOKEN, **written(SID, NUMBER, "STOP"))
    suppressed = rows(owner_db, "SELECT w.name FROM suppression s JOIN workspace w ON w.id = s.workspace_id")
    assert suppressed == [("Studio Ola",)]


def test_who_calls_the_installations_number_theirs_hears_none_of_its_answers(two: Two, owner_db: Database, worker_db: Database) -> None:
    """The forger's account claims that number as its sender, and writes to the customer last; the answer is for who wrote from it truly."""
    with owner_db.transaction() as session:
        third = replace(two.ours, founded=found(session, "Third", "zoe@example.com"))
        forger = replace(two.ours, founded=found(session, "Forger", "mallory@example.com"))
    sent(two, third)
    connected(forger, worker_db, Asked("sms", "twilio", "+15005550006", "AC" + "e" * 32), token="a-token-of-the-forger")
    sent(two, forger, "SM" + "9" * 32)
    assert two.twilio(OUR_TOKEN, **written(OTHER_SID, "+15005550006")) == 204
    assert rows(owner_db, HEARD) == [("Third", "Yes please.")]


def letter(two: Two, desk: Desk) -> tuple[Any, dict[str, Any]]:
    """A letter that left by the workspace's account, and what SendGrid says of it."""
    pending: Any = desk.run("send_email", to="mia@example.com", subject="Tomorrow", body="At three.")
    desk.decide(pending)
    drained(two)
    event = {"email": "mia@example.com", "timestamp": 1_800_000_000, "event": "delivered", "sg_message_id": "abc.recvd-1"}
    return pending, {**event, "ref": reference_to(two.ours.settings.secrets, pending.intent_ids[0], 1)}


def test_a_letters_events_are_heard_at_its_accounts_address_and_by_its_key_alone(two: Two, worker_db: Database) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    ours = connected(two.ours, worker_db, Asked("email", "sendgrid", "hello@salon.example"), "SG." + "x" * 30, public_key_of(key))
    theirs = connected(two.theirs, worker_db, Asked("email", "sendgrid", "hi@else.example"), "SG." + "y" * 30, public_key_of(KEY))
    pending, event = letter(two, two.ours)
    for signer, account, answer in ((KEY, f"/{ours.hex}", 400), (key, f"/{theirs.hex}", 400), (key, "", 400), (key, "/nobody", 400)):
        assert two.sendgrid(signer, account, event) == answer
    assert two.sendgrid(KEY, f"/{theirs.hex}", event) == 204
    assert two.ours.send(pending).state == "sent"
    assert two.sendgrid(key, f"/{ours.hex}", event) == 204
    assert two.ours.send(pending).state == "delivered"
