"""A hairdresser's that has used Sayso for a month, seeded and the same each time: what its pages are pictured with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id, show
from outbox.dispatch import Later, Refused, StatusEvent, Unsure
from outbox.heartbeats import Process, beat
from outbox.store import reconcile
from tests.approvals.crowds import campaign, due, meet
from tests.approvals.hands import LANE, set_policy
from tests.crm.test_books import deliver, events
from tests.crm.test_invoices import billed, name
from tests.crm.test_reports import over
from tests.factories import Bench, Desk
from tests.portal.guest import address_of, changed
from workers.calls import Calls
from workers.inquiries import Inquiries

CUSTOMERS = 41
HAVE_LEFT = 17
DAYS = 27
PEOPLE = ("Mia Park", "Jonas Weber", "Léa Martin", "Tom Okafor", "Ana Silva", "Noor Haddad", "Ida Lund")
MESSAGES = (
    "Hi, your colour appointment is tomorrow at 10:30 with Olivia. Reply STOP to opt out.",
    "Thank you for coming today! See you in six weeks?",
    "Your table of products is ready for collection at the desk, until 18:00.",
    "We have a free slot on Friday at 16:00. Shall we keep it for you?",
)
BY_WEEKS = """
UPDATE payment p SET paid_at = now() - n.nth * interval '1 week'
FROM (SELECT id, row_number() OVER () - 1 AS nth FROM payment) n WHERE n.id = p.id
"""
CALLS = """
INSERT INTO plan_use (workspace_id, quota, month, used)
SELECT id, 'tool_calls', date_trunc('month', now() AT TIME ZONE 'UTC'), 412 FROM workspace
"""
TELL_APART = "UPDATE account SET name = :name WHERE id = :id"
AGE = """
WITH it AS (SELECT CAST(:intent AS uuid) AS id, now() - make_interval(secs => :ago) AS asked, make_interval(secs => :thought) AS thought,
    make_interval(secs => :took) AS took),
a AS (UPDATE intent i SET created_at = it.asked FROM it WHERE i.id = it.id),
b AS (UPDATE grants g SET created_at = it.asked + it.thought FROM it WHERE g.intent_id = it.id),
c AS (UPDATE approval p SET created_at = it.asked, decided_at = it.asked + it.thought, ended_at = it.asked + it.thought
    FROM it JOIN approval_item m ON m.intent_id = it.id WHERE p.id = m.approval_id),
d AS (UPDATE vote v SET at = it.asked + it.thought FROM it JOIN approval_item m ON m.intent_id = it.id WHERE v.approval_id = m.approval_id),
n AS (SELECT t.id, row_number() OVER (ORDER BY t.id) AS nth FROM attempt t JOIN it ON t.intent_id = it.id)
UPDATE attempt t SET started_at = it.asked + it.thought + (n.nth - 1) * (it.took + interval '20 s'),
    at = it.asked + it.thought + n.nth * it.took + (n.nth - 1) * interval '20 s'
FROM it, n WHERE t.id = n.id
"""
"""Moves everything about one send into the past: asked so long ago, decided after `thought` seconds, taken after `took` more."""


@dataclass(frozen=True)
class Studio:
    """The business, the worker's parts and the owner's hand."""

    desk: Desk
    bench: Bench
    owner_db: Database

    def furnish(self) -> dict[str, str]:
        """All of it; the address of each page that is pictured, by the picture's name."""
        for row, person in zip(meet(self.desk, self.owner_db, CUSTOMERS), PEOPLE, strict=False):
            changed(self.owner_db, TELL_APART, name=person, id=UUID(row.removeprefix("acc_")))
        set_policy(self.desk, "first_time", in_person=False)
        self._month()
        self._money()
        changed(self.owner_db, "UPDATE workspace SET zone = :zone", zone=by_day())
        self._stuck()
        told = self._told()
        asked = self._asked()
        running = self._campaigns()
        decided = self.desk.approved("Your products are ready for collection at the desk. Open until 18:00.", to=phone(4))
        self._operate()
        return {
            **{picture: address_of(pending) for picture, pending in {**asked, **running, "decided": decided}.items()},
            "campaign-list": f"{address_of(running['campaign'])}/recipients",
            "send": f"/portal/sends/{show('int', told.intent_ids[0])}",
            **PLACES,
        }

    def _month(self) -> None:
        """What left on each day, by how much people hurried; some of it did not arrive."""
        chance = random.Random(8)
        for day in range(DAYS, 0, -1):
            for _ in range(chance.randint(1, 7) if day % 7 else 0):
                pending = self.desk.approved(chance.choice(MESSAGES), to=phone(chance.randint(1, CUSTOMERS)))
                self.bench.drain()
                self._arrive(pending, "undelivered" if chance.random() < 0.07 else "delivered")
                self._age(pending, day * 86_400 + chance.randint(0, 30_000), chance.expovariate(1 / 300) + 20, chance.uniform(0.2, 1.8))

    def _arrive(self, pending: Pending, outcome: str) -> None:
        ref = self.desk.send(pending).provider_ref
        with self.bench.database.line() as line, line.transaction():
            assert reconcile(line, StatusEvent(f"memory:{new_id()}", cast("Any", outcome), None, ref), None)

    def _age(self, pending: Pending, ago: float, thought: float, took: float) -> None:
        changed(self.owner_db, AGE, intent=pending.intent_ids[0], ago=ago, thought=thought, took=took)

    def _money(self) -> None:
        """Nine weeks of payments, visits that are over, and what Stripe told of one payment; one event is about nobody here."""
        for week in range(9):
            lines = [{"description": "Cut and colour", "quantity": 3 + week * 5 % 4, "unitPrice": "48.00"}]
            self.desk.run("mark_invoice_paid", invoiceId=name(billed(self.desk, accountId=show("acc", UUID(int=week + 8)), lines=lines)))
        changed(self.owner_db, BY_WEEKS)
        over(self.desk, self.owner_db, ["complete_booking"] * 5 + ["mark_no_show"])
        deliver(self.desk, self.owner_db, self.bench.database, events(self.desk, billed(self.desk))[:6])
        strange = "it is about a payment that is not here"
        changed(self.owner_db, "UPDATE inbox SET state = 'dead', reason = :why, tries = 10 WHERE type = 'charge.dispute.closed'", why=strange)

    def _stuck(self) -> None:
        """A doubt that was looked for twice in vain, a new one, and a message that was refused for good."""
        self.bench.memory.shows = False
        first = self._called(Unsure("the connection broke off before an answer came"), "Your appointment has moved to Saturday at 11:00.", phone(1))
        inquiries = Inquiries(self.bench.database, Calls(self.bench.settings, {"sandbox": self.bench.memory}))
        for _ in range(2):
            changed(self.owner_db, "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'")
            changed(self.owner_db, "UPDATE attempt SET at = at - interval '61 s' WHERE source = 'lookup'")
            inquiries.ask()
        self._age(first, 2_700, 95, 600)
        self._called(Unsure("no answer within 20 s"), "We have a free slot on Friday at 16:00. Shall we keep it for you?", phone(2))
        self._called(Refused("The number does not exist.", "21211"), "Your products are ready for collection.", phone(3))

    def _called(self, outcome: Unsure | Refused, body: str, to: str) -> Pending:
        self.bench.memory.tell(outcome)
        pending = self.desk.approved(body, to=to)
        self.bench.drain()
        return pending

    def _told(self) -> Pending:
        """A send that was put off once, taken, and reported as delivered."""
        self.bench.memory.tell(Later("the provider is busy"))
        pending = self.desk.approved("Hi Ana, your colour appointment is tomorrow at 10:30 with Olivia.", to=phone(5))
        self.bench.drain()
        changed(self.owner_db, "UPDATE delivery SET due_at = now() WHERE intent_id = :it", it=pending.intent_ids[0])
        self.bench.drain()
        self._arrive(pending, "delivered")
        self._age(pending, 900, 140, 0.6)
        return pending

    def _asked(self) -> dict[str, Pending]:
        """What waits, one of each channel and one that is no good."""
        whatsapp = "Hallo Jonas, dein Termin am Freitag um 16:30 ist bestätigt. 🎉 Anfahrt: https://ola.example/weg"
        letter = "Dear Léa,\n\nthank you for your visit. Your invoice is attached to your account:\nhttps://ola.example/i/17\n\nStudio Ola"
        last_chance = "Last chance! Pay your deposit today at https://paypal.com@pay-ola.example:8080/now or your\u200b booking is cancelled."
        self.desk.answered(self.owner_db, phone(2))
        self.desk.answered(self.owner_db, phone(6))
        pending: dict[str, Callable[[], object]] = {
            "decide-sms": lambda: self.desk.ask("Hi Mia, your colour appointment is tomorrow at 10:30 with Olivia. Reply STOP to opt out.", to=phone(1)),
            "decide-unusual": lambda: self.desk.ask(last_chance, to="+33612345678"),
            "decide-whatsapp": lambda: self.desk.run("send_whatsapp_message", to=phone(2), body=whatsapp),
            "decide-email": lambda: self.desk.run("send_email", to="c3@example.com", subject="Your invoice from Studio Ola", body=letter),
        }
        found = {picture: cast("Pending", ask()) for picture, ask in pending.items()}
        soon = "UPDATE approval SET expires_at = now() + make_interval(mins => :mins) WHERE id = :id"
        for minutes, one in zip((44, 200, 260, 300), found.values(), strict=True):
            changed(self.owner_db, soon, mins=minutes, id=one.approval_id)
        return found

    def _campaigns(self) -> dict[str, Pending]:
        """One that waits, and one that is on its way."""
        waits = campaign(self.desk, name="Spring offer", body="Spring at Studio Ola: two for one on colour, Mondays in May. Reply STOP to opt out.")
        runs = campaign(self.desk, name="New opening hours", body="From June we open at 8:00, Tuesday to Saturday. Reply STOP to opt out.")
        self.desk.decide(runs)
        due(self.owner_db)
        changed(self.owner_db, "UPDATE lane SET rate = 0.001, burst = :many, tokens = :many, tokens_at = now() WHERE id = :lane", many=HAVE_LEFT, lane=LANE)
        self.bench.drain()
        return {"campaign": waits, "campaign-running": runs}

    def _operate(self) -> None:
        """A lane with a limit, processes at work, policies, and a plan that is used."""
        changed(self.owner_db, "UPDATE lane SET rate = 5, burst = 10, tokens = 7 WHERE id = :lane", lane=LANE)
        self.desk.decide(cast("Pending", self.desk.run("send_whatsapp_message", to=phone(6), body="Hi Noor, we look forward to seeing you tomorrow.")))
        processes: tuple[Process, ...] = ("web", "web", "worker", "worker", "clock")
        with self.bench.database.line() as line:
            for process in processes:
                beat(line, process, new_id())
        changed(self.owner_db, "UPDATE heartbeat SET beat_at = now() + interval '1 hour'")
        set_policy(self.desk, "quiet_hours", begins="21:00", ends="08:00")
        set_policy(self.desk, "two_people", above=50)
        changed(self.owner_db, "UPDATE workspace SET plan = 'free'")
        changed(self.owner_db, CALLS)

    def rest(self) -> None:
        """One channel's provider refuses the account, so its lane rests."""
        fault = "401: the credentials are refused"
        changed(self.owner_db, "UPDATE lane SET breaker_until = now() + interval '4 minutes', breaker_reason = :why WHERE id = 'whatsapp:sandbox'", why=fault)


PLACES = {
    "inbox": "/portal",
    "ledger": "/portal/ledger",
    "policies": "/portal/policies",
    "policy-tried": "/portal/policies/audience",
    "doubts": "/portal/doubts",
    "reports": "/portal/reports",
    "events": "/portal/events",
    "plan": "/portal/settings/plan",
    "queue": "/portal/queue",
    "lanes": "/portal/lanes",
}
"""Pages that have the same address in every business."""


def by_day() -> str:
    """A time zone where it is business hours now, for nobody's pictures shall be taken at night."""
    return next(zone for zone in ("Europe/Paris", "America/Los_Angeles", "Asia/Tokyo") if 9 <= now().astimezone(ZoneInfo(zone)).hour < 18)


def phone(number: int) -> str:
    """The phone number of a customer, by their place in the list."""
    return f"+447400{number:06}"
