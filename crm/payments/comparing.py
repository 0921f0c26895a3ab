"""Comparing our books with the provider's: two lists of lines go in, every difference comes out by its name; nothing is read or written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from crm.payments.events import DISPUTE_ENDS, REFUND_STATES
from outbox.dispatch import Booked

What = Literal["payment", "refund", "dispute", "invoice"]
Kind = Literal["missing_here", "missing_there", "amount_differs", "currency_differs", "state_differs", "invoice_differs"]
REPLAY = "Have it told again: replay its event in the portal (Needs a look, What providers told us) or with `sayso events replay`; then compare anew."
ASK = "Look it up in the provider's dashboard, and tell whoever runs this installation. Nothing is corrected by itself."
NEXT: dict[Kind, str] = {
    "missing_here": "Nobody told us of it. The hourly backfill reads what the provider could not deliver; " + REPLAY[0].lower() + REPLAY[1:],
    "missing_there": "The provider's lists do not have it. " + ASK,
    "amount_differs": ASK,
    "currency_differs": ASK,
    "state_differs": REPLAY,
    "invoice_differs": "The payment was made for another invoice than it counts for. " + ASK,
}
"""What to do about each."""


@dataclass(frozen=True, slots=True)
class Line:
    """A payment, a refund or a dispute, in our words."""

    what: What
    ref: str
    amount_minor: int
    currency: str
    state: str
    invoice: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same here and there."""

    what: What
    kind: Kind
    ref: str
    here: Line | None
    there: Line | None


def in_our_words(booked: Booked) -> Line:
    """A line of the provider's books, its state as ours would be."""
    state = booked.state
    if booked.what == "refund":
        state = REFUND_STATES.get(state, state)
    if booked.what == "dispute":
        state = DISPUTE_ENDS.get(state, "open")
    return Line(booked.what, booked.ref, booked.amount_minor, booked.currency, state, booked.invoice)


def differences(here: Mapping[str, Line], there: Mapping[str, Line]) -> Iterator[Difference]:
    """Every difference, by the provider's ids."""
    for ref in sorted({*here, *there}):
        mine, theirs = here.get(ref), there.get(ref)
        if mine is None and theirs is not None:
            yield Difference(theirs.what, "missing_here", ref, None, theirs)
        elif mine is not None and theirs is None:
            yield Difference(mine.what, "missing_there", ref, mine, None)
        elif mine is not None and theirs is not None:
            yield from (Difference(mine.what, kind, ref, mine, theirs) for kind in _kinds(mine, theirs))


def _kinds(here: Line, there: Line) -> Iterable[Kind]:
    """A currency that differs says it all: amounts in two currencies compare with nothing."""
    if here.currency != there.currency:
        return ["currency_differs"]
    compared: dict[Kind, bool] = {
        "amount_differs": here.amount_minor != there.amount_minor,
        "state_differs": here.state != there.state,
        "invoice_differs": bool(there.invoice) and here.invoice != there.invoice,
    }
    return [kind for kind, differs in compared.items() if differs]
