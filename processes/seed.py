"""A believable month of a salon: services, staff, hours, customers, consents and bookings, made by the operations themselves.

The same number makes the same month again on the same day. Nobody in it can be reached: addresses end in example.com,
and phone numbers are those that North America keeps for stories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select

from crm.contacts.tables import Account
from kernel.arguments import validated
from kernel.call import Call, Caller
from kernel.db import Database
from kernel.errors import Conflict
from kernel.keys import digest_of
from kernel.operation import find
from kernel.settings import Settings
from kernel.tenancy import Workspace
from processes.sample import FAMILY, GIVEN, HOURS, NOTES, SERVICES, STAFF

T = TypeVar("T")
CUSTOMERS = 60
BOOKINGS = 200
SPREAD = 14
"""Days before and after today."""
SAMPLE = Caller("system", None, "sample data")
PAST = ("completed",) * 15 + ("no_show",) * 2 + ("cancelled",) * 3
COMING = ("confirmed",) * 13 + ("pending",) * 5 + ("cancelled",) * 2
TRIES = 3
LEAD = timedelta(days=3)
"""How long before its time a booking was asked for."""
REASONS = ("ill", "on holiday", "found another time")


class HasCustomers(Conflict):
    """This business has customers already: sample data would stand among them."""

    code = "has_customers"
    next_step = "Found a workspace for it (sayso workspace NAME EMAIL), or say --force."


Do = Callable[[str, dict[str, Any], datetime], dict[str, Any]]
"""Runs an operation as of a moment."""


@dataclass
class Dice:
    """Chance that comes out the same for the same number."""

    seed: int
    thrown: int = 0

    def below(self, most: int) -> int:
        """A whole number from 0 on, below `most`."""
        self.thrown += 1
        return int.from_bytes(digest_of(f"{self.seed}.{self.thrown}".encode())[:8]) % most

    def one(self, things: Sequence[T]) -> T:
        """One of them."""
        return things[self.below(len(things))]


@dataclass
class Salon:
    """A business that is being filled; each step is a transaction of its own."""

    database: Database
    settings: Settings
    workspace: Any
    now: datetime
    dice: Dice
    made: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def together(self) -> Iterator[Do]:
        """Operations that happen together or not at all, each as of its moment."""
        with self.database.transaction(workspace=self.workspace) as session:
            yield lambda name, given, moment: self._run(Call(session, SAMPLE, self.workspace, moment, self.settings), name, given)

    def do(self, name: str, /, **given: Any) -> dict[str, Any]:
        """Run one operation as of now."""
        with self.together() as do:
            return do(name, given, self.now)

    @staticmethod
    def _run(call: Call, name: str, given: dict[str, Any]) -> dict[str, Any]:
        operation = find(name)
        if operation is None:
            msg = f"there is no operation {name}"
            raise LookupError(msg)
        return operation.run(call, validated(operation, given)).model_dump(by_alias=True, mode="json")


def fill(salon: Salon, *, force: bool = False) -> Counter[str]:
    """Fill the business; answers how many there are of what. Raises HasCustomers."""
    with salon.database.transaction(workspace=salon.workspace) as session:
        there = session.scalar(select(func.count()).select_from(Account).where(Account.workspace_id == salon.workspace))
        currency = {} if session.get_one(Workspace, salon.workspace).country else {"currency": "EUR"}
    if there and not force:
        raise HasCustomers
    services = [salon.do("create_service", **service, **currency) for service in SERVICES]
    _open(salon, services)
    customers = _customers(salon)
    free = {service["serviceId"]: _free(salon, service) for service in services}
    for _ in range(BOOKINGS):
        _book(salon, free, salon.dice.one(customers))
    salon.made.update(services=len(services), staff=len(STAFF), customers=len(customers))
    return salon.made


def _open(salon: Salon, services: list[dict[str, Any]]) -> None:
    salon.do("set_schedule", hours=HOURS)
    for name, able in STAFF:
        does = [service["serviceId"] for service in services if service["name"] in able]
        salon.do("create_staff", name=name, serviceIds=does)


def _customers(salon: Salon) -> list[dict[str, Any]]:
    made = []
    for number in range(CUSTOMERS):
        first, last = salon.dice.one(GIVEN), FAMILY[number % len(FAMILY)]
        customer = {"name": f"{first} {last}", "email": f"{first}.{last}.{salon.dice.seed}.{number}@example.com".lower()}
        phone = {"phone": f"+1201555{100 + number:04}"} if number % 3 else {}
        notes = {"notes": salon.dice.one(NOTES)} if number % 5 == 0 else {}
        met = salon.do("search_members", search=customer["email"])["items"]
        account = met[0] if met else _create(salon, {**customer, **phone, **notes})
        made.append(account)
        if number % 4 and not met:
            told = {"consent": True, "evidence": "Ticked the box on the form at the till."} if number % 4 != 1 else {"consent": False}
            salon.do("set_consent", accountId=account["accountId"], channel="email", **told)
            salon.made["agreed" if told["consent"] else "opted_out"] += 1
    return made


def _create(salon: Salon, customer: dict[str, Any]) -> dict[str, Any]:
    """A new customer; without the phone where another month's sample has it."""
    try:
        return salon.do("create_account", **customer)
    except Conflict:
        return salon.do("create_account", **{name: value for name, value in customer.items() if name != "phone"})


def _free(salon: Salon, service: dict[str, Any]) -> list[dict[str, Any]]:
    """Every slot of the month, as it was before anything was booked."""
    first = salon.now - timedelta(days=SPREAD)
    with salon.together() as do:
        asked = {"serviceId": service["serviceId"], "date": first.date().isoformat(), "days": 2 * SPREAD + 1}
        found: list[dict[str, Any]] = do("get_available_slots", asked, first - LEAD)["items"]
    return found


def _book(salon: Salon, free: dict[str, list[dict[str, Any]]], customer: dict[str, Any]) -> None:
    """One booking, at another time when its first choice is taken."""
    for _ in range(TRIES):
        service = salon.dice.one(sorted(free))
        slot = salon.dice.one(free[service])
        ends = datetime.fromisoformat(slot["end"])
        state = salon.dice.one(PAST if ends < salon.now else COMING)
        if _lived(salon, {"serviceId": service, "start": slot["start"], "accountId": customer["accountId"]}, state, ends):
            salon.made[state] += 1
            return
    salon.made["left_out"] += 1


def _lived(salon: Salon, booking: dict[str, Any], state: str, ends: datetime) -> bool:
    """Make the booking and let it live until it stands so; False when somebody else had it, or the customer is busy."""
    asked_at = min(datetime.fromisoformat(booking["start"]), salon.now) - LEAD
    deeds: dict[str, list[tuple[str, dict[str, Any], datetime]]] = {
        "pending": [],
        "confirmed": [("confirm_booking", {}, asked_at)],
        "cancelled": [("cancel_booking", {"reason": salon.dice.one(REASONS), "confirm": True}, asked_at)],
        "completed": [("confirm_booking", {}, asked_at), ("complete_booking", {}, ends)],
        "no_show": [("confirm_booking", {}, asked_at), ("mark_no_show", {}, ends)],
    }
    try:
        with salon.together() as do:
            made = do("create_booking", booking, asked_at)
            for name, given, moment in deeds[state]:
                do(name, {"bookingId": made["bookingId"], **given}, moment)
    except Conflict:
        return False
    return True
