"""Signatures made with Stripe's own SDK: which are taken, which are refused, and that no header makes the receiver stumble."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from stripe import WebhookSignature

from kernel import clock
from kernel.db import Database
from outbox.dispatch import Inbound
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.webhooks import REFUSALS, SNAPSHOT, THIN, WHSEC, WHSEC_OLD, received, stripe_inbound, with_header
from tests.portal.guest import app_of

BODY = json.dumps(SNAPSHOT)
UMLAUTS = json.dumps({**SNAPSHOT, "data": {"object": {"id": "in_1", "name": "Zoë, Łódź, 東京, 🙂"}}}, ensure_ascii=False)


def signed(secret: str = WHSEC, shift: float = 0, body: str = BODY) -> str:
    """A header as the SDK makes it."""
    return WebhookSignature.generate_signature_header(body, secret, timestamp=int(clock.now().timestamp() + shift))


def header(value: str, body: str = BODY) -> Inbound:
    return with_header(replace(stripe_inbound(SNAPSHOT), body=body.encode()), stripe_signature=value)


def parts(value: str) -> tuple[str, str]:
    stamp, _, signature = value.partition(",")
    return stamp, signature


TAKEN: dict[str, Callable[[], Inbound]] = {
    "valid": lambda: header(signed()),
    "rotated: by the secret before": lambda: header(signed(WHSEC_OLD)),
    "while it is rotated: by both": lambda: header(f"{signed()},{parts(signed(WHSEC_OLD))[1]}"),
    "the right one last of several": lambda: header(f"{parts(signed())[0]},v1={'0' * 64},v0=x,{parts(signed())[1]}"),
    "as old as may be": lambda: header(signed(shift=-295)),
    "as early as may be": lambda: header(signed(shift=295)),
    "a body beyond ASCII": lambda: header(signed(body=UMLAUTS), UMLAUTS),
    "a thin event": lambda: stripe_inbound(THIN),
}
REFUSED: dict[str, Callable[[], Inbound]] = {
    "wrong secret": lambda: header(signed("whsec_other")),
    "secret with a blank": lambda: header(signed(f"{WHSEC} ")),
    "old": lambda: header(signed(shift=-310)),
    "future": lambda: header(signed(shift=310)),
    "old, with a young time put before it": lambda: header(f"{parts(signed())[0]},{signed(shift=-400)}"),
    "old, with a young time put behind it": lambda: header(f"{signed(shift=-400)},{parts(signed())[0]}"),
    "changed body": lambda: header(signed(), BODY.replace("in_1", "in_2")),
    "a blank more": lambda: header(signed(), f"{BODY} "),
    "the same written otherwise": lambda: header(signed(), json.dumps(SNAPSHOT, indent=1)),
    "a body of another encoding": lambda: replace(header(signed(body=UMLAUTS)), body=UMLAUTS.encode("utf-16")),
    "no time": lambda: header(parts(signed())[1]),
    "time in words": lambda: header(f"t=now,{parts(signed())[1]}"),
    "time beyond measure": lambda: header(f"t={'9' * 400},{parts(signed())[1]}"),
    "another scheme alone": lambda: header(signed().replace("v1=", "v0=")),
    "non-ASCII signature": lambda: header(f"{parts(signed())[0]},v1=ü{'0' * 63}"),
    "non-ASCII time": lambda: header(f"t=١٢٣٤٥٦٧٨٩٠,{parts(signed())[1]}"),
    "cut off": lambda: header(signed()[:-1]),
    "of another account": lambda: stripe_inbound({**SNAPSHOT, "account": "acct_other"}),
    "of another context": lambda: stripe_inbound({**THIN, "context": "org_1/acct_other"}),
    "too long": lambda: header(f"{signed()},{'v0=x,' * 1000}"),
    "empty": lambda: header(""),
    "commas": lambda: header(",,,="),
}


@pytest.mark.parametrize("vector", TAKEN)
def test_a_genuine_signature_is_taken(vector: str) -> None:
    (event,) = received(TAKEN[vector]())
    assert event.key in ("evt_1", "evt_2")


@pytest.mark.parametrize("vector", REFUSED)
def test_any_other_is_refused_and_nothing_stumbles(vector: str) -> None:
    with pytest.raises(REFUSALS):
        received(REFUSED[vector]())


def test_the_sdk_alone_would_take_one_from_the_future() -> None:
    """Why the time is checked here besides."""
    assert WebhookSignature.verify_header(BODY, signed(shift=10**6), WHSEC, 300)


def test_over_http_what_is_refused_is_a_400_and_leaves_nothing(desk: Desk, owner_db: Database) -> None:
    ours = desk.settings.model_copy(update={"stripe_webhook_secret": type(desk.settings.stripe_webhook_secret)(WHSEC)})
    with TestClient(app_of(Desk(desk.database, ours, desk.founded)), base_url=ours.base_url, raise_server_exceptions=False) as web:
        statuses = set()
        for make in REFUSED.values():
            posted = make()
            headers = {name: value.encode("utf-8") for name, value in posted.headers.items()}
            statuses.add(web.post("/webhooks/stripe", content=posted.body, headers=list(headers.items())).status_code)
        assert (statuses, rows(owner_db, "SELECT 1 FROM inbox")) == ({400}, [])
        deep = stripe_inbound(json.dumps({**SNAPSHOT, "data": 0}).replace('"data": 0', f'"data": {"[" * 500}{"]" * 500}'))
        assert web.post("/webhooks/stripe", content=deep.body, headers=dict(deep.headers)).status_code == 400
        big = stripe_inbound({**SNAPSHOT, "filler": "x" * 300_000})
        assert web.post("/webhooks/stripe", content=big.body, headers=dict(big.headers)).status_code == 413
        unknown = stripe_inbound({**SNAPSHOT, "type": "unheard.of"})
        assert web.post("/webhooks/stripe", content=unknown.body, headers=dict(unknown.headers)).status_code == 204
    assert rows(owner_db, "SELECT type, state FROM inbox") == [("unheard.of", "new")]
