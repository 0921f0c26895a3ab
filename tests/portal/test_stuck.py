"""How *Needs a look* heads what stands still: a page to pay on is no refund, and mail to our own people is no message to a customer."""

from __future__ import annotations

import re

from approvals.standstill import Stuck
from kernel.clock import now
from kernel.keys import new_id
from outbox.content import KINDS
from outbox.dispatch import Refused
from surfaces.portal.looks import templates
from surfaces.portal.words import CHANNELS, PAY_PAGES
from tests.crm.test_invoices import billed, name
from tests.factories import Bench, Desk
from tests.portal.guest import Guest

AIM = '{% import "stuck.html" as piles %}{{ piles.aim(stuck) }}'
HEADING = re.compile(r"<h2>(.*?) <span class=\"address\">([^<]*)")


def aim(kind: str) -> str:
    """What such a send is called."""
    lane = f"{KINDS[kind].channel}:sandbox"
    facts = {"recipient": "x", "asked_by": "x", "attempts": 1, "since": now(), "reason": "x", "may_have_left": False, "replayable": True, "evidence": []}
    stuck = Stuck.model_validate({"intent_id": new_id(), "kind": kind, "channel": KINDS[kind].channel, "lane": lane, **facts})
    return templates.from_string(AIM).render(stuck=stuck)


def test_only_what_a_person_approves_is_called_a_message_or_a_refund(desk: Desk) -> None:
    gated = {kind for kind, content in KINDS.items() if content.gated}
    assert {kind for kind in KINDS if aim(kind) == f"{CHANNELS[KINDS[kind].channel]} to"} == gated
    ours = {kind for kind in KINDS if aim(kind).endswith("to one of your own people,")}
    assert ours | set(PAY_PAGES) == set(KINDS) - gated
    assert {"notice_sms", "notice_whatsapp", "team_invite", "address_code_sms"} <= ours
    assert {kind for kind, content in KINDS.items() if content.channel == "payments"} == {*PAY_PAGES, "refund"}


def test_a_refused_page_to_pay_on_is_not_listed_as_a_refund(guest: Guest, desk: Desk, bench: Bench) -> None:
    invoice = billed(desk)
    bench.memory.tell(Refused("The account cannot take payments.", "x"))
    desk.run("create_payment_link", invoiceId=name(invoice))
    bench.drain("payments:sandbox")
    guest.sign_in()
    page = guest.http.get("/portal/dead").text
    assert HEADING.findall(page) == [("Page to pay an invoice on,", name(invoice))]
    assert "The account cannot take payments." in page


def test_a_refused_notice_is_told_as_mail_to_our_own_people(guest: Guest, desk: Desk, bench: Bench) -> None:
    bench.memory.tell(Refused("The mailbox does not exist.", "550"))
    desk.ask()
    bench.drain("email:sandbox")
    guest.sign_in()
    assert [heading for heading, _ in HEADING.findall(guest.http.get("/portal/dead").text)] == ["E-mail to one of your own people,"]
